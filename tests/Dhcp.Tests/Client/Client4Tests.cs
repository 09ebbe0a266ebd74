using System.Net;
using System.Text;
using Dhcp.Client;
using Dhcp.Messages;
using Linux.Addresses;

namespace Dhcp.Tests.Client;

public sealed class Client4Tests : ClientTest
{
    // Of an hour, as FakeLinks gives it.
    private const double RenewSeconds = 1800, RebindSeconds = 3060, ExpirySeconds = 3600;

    private Client4 NewClient(LeaseRequest? request = null, bool broadcast = false) =>
        new(request ?? Request, Environment with { Broadcast = broadcast }, Owner);

    private Client4 Bound(string address = "10.0.0.5")
    {
        Client4 client = NewClient();
        client.Acquire(wanted: null);
        Links.Answer(Links.Sent4.Dequeue().Message, DhcpMessageType.Offer, address);
        Links.Answer(Links.Sent4.Dequeue().Message, DhcpMessageType.Ack, address);
        Assert.Equal(["changed"], Owner.Events);
        Owner.Events.Clear();
        return client;
    }

    private DhcpMessage TakeSent(DhcpMessageType type)
    {
        DhcpMessage message = Links.Sent4.Dequeue().Message;
        Assert.Equal(type, message.Type);
        return message;
    }

    [Fact]
    public void An_offer_is_requested_and_acknowledged()
    {
        Client4 client = NewClient();
        client.Acquire(wanted: null);
        (DhcpMessage discover, IPAddress source, IPAddress destination, MacAddress station) = Links.Sent4.Dequeue();
        Assert.Equal(DhcpMessageType.Discover, discover.Type);
        Assert.Equal((IPAddress.Any, IPAddress.Broadcast, "ff:ff:ff:ff:ff:ff"), (source, destination, station.ToString()));
        Assert.Equal([1, 121, 3], discover.Options[DhcpOption.ParameterRequestList]);
        Assert.Equal("\0c1/pods/eth0", Encoding.ASCII.GetString(discover.Options[DhcpOption.ClientIdentifier]));
        Assert.False(discover.Broadcast);

        Links.Answer(discover, DhcpMessageType.Offer, "10.0.0.5");
        DhcpMessage request = TakeSent(DhcpMessageType.Request);
        Assert.Equal("10.0.0.5", request.Address(DhcpOption.RequestedAddress)!.ToString());
        Assert.Equal("10.0.0.1", request.Server!.ToString());
        Assert.Empty(Owner.Events);

        Links.Answer(request, DhcpMessageType.Ack, "10.0.0.5");
        Assert.Equal(["changed"], Owner.Events);
        Assert.Equal("10.0.0.5/24", client.Lease!.Address.ToString());
        Assert.False(Links.IsOpen);
    }

    [Fact]
    public void Broadcast_asks_for_broadcast_answers_while_there_is_no_address()
    {
        NewClient(broadcast: true).Acquire(wanted: null);
        Assert.True(Links.Sent4.Dequeue().Message.Broadcast);
    }

    [Fact]
    public void A_message_without_answer_is_repeated_with_growing_pauses_in_one_exchange()
    {
        NewClient().Acquire(wanted: null);
        uint transaction = Links.Sent4.Peek().Message.TransactionId;
        List<int> counts = [];
        foreach (double second in (double[])[0.9, 1, 2, 4, 8])
        {
            Time.PassSeconds(second);
            counts.Add(Links.Sent4.Count);
        }
        Assert.Equal([1, 2, 3, 4, 5], counts);
        Assert.All(Links.Sent4, sent => Assert.Equal(transaction, sent.Message.TransactionId));
        Assert.Equal(15, Links.Sent4.Last().Message.Seconds);
    }

    [Fact]
    public void Without_a_server_the_tries_end_in_time()
    {
        Client4 client = new(
            Request,
            Environment with
            {
                Timeouts = new ClientTimeouts
                {
                    Answer = TimeSpan.FromSeconds(2),
                    ResendMax = TimeSpan.FromSeconds(8),
                    ResendTimeout = TimeSpan.FromSeconds(10),
                },
            },
            Owner);
        client.Acquire(wanted: null);
        Time.PassSeconds(9.9);
        Assert.Empty(Owner.Events);
        Time.PassSeconds(5);
        Assert.Equal(["failed"], Owner.Events);
        Assert.Equal("no more tries", Owner.Failure!.Message);
        Assert.Contains("eth0", ((Cni.CniException)Owner.Failure).Details, StringComparison.Ordinal);
        Assert.False(Links.IsOpen);
        Assert.Null(Time.Timers.NextDelay);
    }

    [Fact]
    public void A_refused_request_begins_anew_after_a_pause()
    {
        NewClient().Acquire(wanted: null);
        Links.Answer(TakeSent(DhcpMessageType.Discover), DhcpMessageType.Offer, "10.0.0.5");
        Links.Answer(TakeSent(DhcpMessageType.Request), DhcpMessageType.Nak, "0.0.0.0");
        Assert.Empty(Links.Sent4);
        Assert.False(Links.IsOpen);
        Time.PassSeconds(3);
        // A short pause has left time for repetitions.
        DhcpMessage discover = Links.Sent4.Last().Message;
        Links.Sent4.Clear();
        Links.Answer(discover, DhcpMessageType.Offer, "10.0.0.6");
        Links.Answer(TakeSent(DhcpMessageType.Request), DhcpMessageType.Ack, "10.0.0.6");
        Assert.Equal(["changed"], Owner.Events);
    }

    [Theory]
    [InlineData(DhcpOption.SubnetMask)]
    [InlineData(DhcpOption.ServerIdentifier)]
    public void An_acknowledgement_without_what_it_needs_is_none(byte missing)
    {
        NewClient().Acquire(wanted: null);
        Links.Answer(TakeSent(DhcpMessageType.Discover), DhcpMessageType.Offer, "10.0.0.5");
        Links.Answer(TakeSent(DhcpMessageType.Request), DhcpMessageType.Ack, "10.0.0.5", options => options.Remove(missing));
        Assert.Empty(Owner.Events);
        Assert.False(Links.IsOpen);
    }

    [Fact]
    public void Answers_to_others_are_not_heard()
    {
        NewClient().Acquire(wanted: null);
        DhcpMessage discover = TakeSent(DhcpMessageType.Discover);
        Links.Answer(
            new DhcpMessage { TransactionId = discover.TransactionId + 1, HardwareAddress = FakeLinks.Mac },
            DhcpMessageType.Offer,
            "10.0.0.5");
        Links.Answer(
            new DhcpMessage { TransactionId = discover.TransactionId, HardwareAddress = FakeLinks.ServerStation },
            DhcpMessageType.Offer,
            "10.0.0.5");
        Links.Answer(discover, DhcpMessageType.Offer, "224.0.0.1");
        Links.Answer(discover, DhcpMessageType.Ack, "10.0.0.5");
        Assert.Empty(Links.Sent4);
    }

    [Fact]
    public void A_former_address_is_asked_for_first()
    {
        Client4 client = NewClient();
        client.Acquire(IPAddress.Parse("10.0.0.9"));
        DhcpMessage request = TakeSent(DhcpMessageType.Request);
        Assert.Equal("10.0.0.9", request.Address(DhcpOption.RequestedAddress)!.ToString());
        Assert.Null(request.Server);
        Links.Answer(request, DhcpMessageType.Ack, "10.0.0.9");
        Assert.Equal("10.0.0.9/24", client.Lease!.Address.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_former_address_that_is_refused_or_unknown_is_given_up_at_once(bool refused)
    {
        NewClient().Acquire(IPAddress.Parse("10.0.0.9"));
        DhcpMessage request = TakeSent(DhcpMessageType.Request);
        if (refused)
            Links.Answer(request, DhcpMessageType.Nak, "0.0.0.0");
        else
            Time.PassSeconds(4);
        Assert.Equal(DhcpMessageType.Discover, Links.Sent4.Last().Message.Type);
    }

    [Fact]
    public void Half_way_the_own_server_is_asked_and_the_link_is_let_go_until_then()
    {
        Client4 client = Bound();
        Time.PassSeconds(RenewSeconds - 1);
        Assert.Empty(Links.Sent4);
        Time.PassSeconds(1);
        (DhcpMessage renew, IPAddress source, IPAddress destination, MacAddress station) = Links.Sent4.Dequeue();
        Assert.Equal(("10.0.0.5", "10.0.0.5", "10.0.0.1"), (renew.ClientAddress.ToString(), source.ToString(), destination.ToString()));
        Assert.Equal(FakeLinks.ServerStation, station);
        Assert.Null(renew.Address(DhcpOption.RequestedAddress));
        Assert.Null(renew.Server);
        Links.Answer(renew, DhcpMessageType.Ack, "10.0.0.5");
        Assert.Equal(["changed"], Owner.Events);
        Assert.Empty(Links.Changes);
        Time.PassSeconds(ExpirySeconds - RenewSeconds + 1);
        Assert.True(client.IsBound);
    }

    [Fact]
    public void Nobody_listens_long_for_a_server_that_does_not_answer()
    {
        _ = Bound();
        Time.PassSeconds(RenewSeconds);
        Assert.True(Links.IsOpen);
        Time.PassSeconds(10);
        Assert.False(Links.IsOpen);
    }

    [Fact]
    public void Then_all_servers_are_asked_and_then_the_lease_expires()
    {
        Client4 client = Bound();
        Time.PassSeconds(RebindSeconds - 1);
        Assert.All(Links.Sent4, sent => Assert.Equal("10.0.0.1", sent.Destination.ToString()));
        Links.Sent4.Clear();
        Time.PassSeconds(ExpirySeconds - RebindSeconds);
        Assert.NotEmpty(Links.Sent4);
        Assert.All(
            Links.Sent4.Skip(1),
            sent => Assert.Equal((IPAddress.Broadcast, "ff:ff:ff:ff:ff:ff"), (sent.Destination, sent.Station.ToString())));
        Assert.Empty(Owner.Events);
        Time.PassSeconds(1);
        Assert.Equal(["expired"], Owner.Events);
        Assert.False(client.IsBound);
        Assert.Null(Time.Timers.NextDelay);
    }

    [Fact]
    public void Another_server_may_take_over()
    {
        _ = Bound();
        Time.PassSeconds(RebindSeconds);
        Links.Answer(
            Links.Sent4.Last().Message, DhcpMessageType.Ack, "10.0.0.5", options => options[DhcpOption.ServerIdentifier] = [10, 0, 0, 2]);
        Links.Sent4.Clear();
        Time.PassSeconds(RenewSeconds);
        Assert.Equal("10.0.0.2", Links.Sent4.Dequeue().Destination.ToString());
    }

    [Fact]
    public void An_address_that_changes_at_renewal_is_applied()
    {
        _ = Bound();
        Time.PassSeconds(RenewSeconds);
        Links.Answer(TakeSent(DhcpMessageType.Request), DhcpMessageType.Ack, "10.0.0.77");
        Assert.Equal(["changed"], Owner.Events);
        Assert.Equal(["replace 10.0.0.5/24 by 10.0.0.77/24"], Links.Changes);
    }

    [Fact]
    public void An_address_that_is_taken_back_is_replaced_by_another()
    {
        _ = Bound();
        Time.PassSeconds(RenewSeconds);
        Links.Answer(TakeSent(DhcpMessageType.Request), DhcpMessageType.Nak, "0.0.0.0");
        Links.Answer(TakeSent(DhcpMessageType.Discover), DhcpMessageType.Offer, "10.0.0.78");
        Links.Answer(TakeSent(DhcpMessageType.Request), DhcpMessageType.Ack, "10.0.0.78");
        Assert.Equal(["replace 10.0.0.5/24 by 10.0.0.78/24"], Links.Changes);
    }

    [Fact]
    public void A_lease_that_was_taken_back_ends_with_its_time_if_there_is_no_other()
    {
        _ = Bound();
        Time.PassSeconds(RenewSeconds);
        Links.Answer(TakeSent(DhcpMessageType.Request), DhcpMessageType.Nak, "0.0.0.0");
        Time.PassSeconds(ExpirySeconds - RenewSeconds + 1);
        Assert.Equal(["expired"], Owner.Events);
    }

    [Fact]
    public void An_interface_that_is_gone_ends_it()
    {
        _ = Bound();
        Links.IsGone = true;
        Time.PassSeconds(RenewSeconds);
        Assert.Equal(["gone"], Owner.Events);
        Assert.Null(Time.Timers.NextDelay);
    }

    [Fact]
    public void An_endless_lease_is_left_alone()
    {
        Client4 client = NewClient();
        client.Acquire(wanted: null);
        Links.Answer(TakeSent(DhcpMessageType.Discover), DhcpMessageType.Offer, "10.0.0.5");
        Links.Answer(
            TakeSent(DhcpMessageType.Request),
            DhcpMessageType.Ack,
            "10.0.0.5",
            options => options[DhcpOption.LeaseTime] = [0xff, 0xff, 0xff, 0xff]);
        Assert.Null(Time.Timers.NextDelay);
        Assert.True(client.IsBound);
    }

    [Fact]
    public void Release_names_the_client_as_every_other_message_does()
    {
        Client4 client = NewClient(
            Request with { Options = new Dictionary<byte, byte[]> { [61] = "my-id"u8.ToArray(), [12] = "host"u8.ToArray() } });
        client.Acquire(wanted: null);
        DhcpMessage discover = TakeSent(DhcpMessageType.Discover);
        Assert.Equal("host"u8.ToArray(), discover.Options[12]);
        Links.Answer(discover, DhcpMessageType.Offer, "10.0.0.5");
        Links.Answer(TakeSent(DhcpMessageType.Request), DhcpMessageType.Ack, "10.0.0.5");

        client.Release();

        (DhcpMessage release, IPAddress source, IPAddress destination, MacAddress station) = Links.Sent4.Dequeue();
        Assert.Equal(DhcpMessageType.Release, release.Type);
        Assert.Equal("my-id"u8.ToArray(), release.Options[61]);
        Assert.Equal("my-id"u8.ToArray(), discover.Options[61]);
        Assert.Equal(
            ("10.0.0.5", "10.0.0.5", "10.0.0.1", FakeLinks.ServerStation),
            (release.ClientAddress.ToString(), source.ToString(), destination.ToString(), station));
        Assert.Equal([53, 54, 61], release.Options.Keys.Select(static code => (int)code));
        Assert.Equal(["withdraw 10.0.0.5/24"], Links.Changes);
        Assert.False(Links.IsOpen);
    }

    [Fact]
    public void A_long_name_is_cut_to_what_an_option_holds()
    {
        LeaseRequest request = Request with { ContainerId = new string('c', 300) };
        Assert.Equal(255, request.ClientId.Length);
        Assert.Equal(0, request.ClientId[0]);
    }

    [Fact]
    public void Delays_follow_the_reference()
    {
        RetryDelays delays = new(TimeSpan.FromSeconds(62));
        foreach (double expected in (double[])[2, 2, 2, 2, 8, 16, 32, 64, 64])
            Assert.InRange(delays.Next().TotalSeconds, expected - 1, expected + 1);
    }
}
