using System.Buffers.Binary;
using System.Net;
using Dhcp.Client;
using Dhcp.Messages;

namespace Dhcp.Tests.Client;

public sealed class Client6Tests : ClientTest
{
    private const double RenewSeconds = 1000, RebindSeconds = 1600, ExpirySeconds = 3600;

    private static readonly byte[] s_server = [0, 3, 0, 1, 2, 0, 0, 0, 0, 0xfe];

    private Client6 NewClient() => new(Request, Environment, Owner);

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private void Answer(Dhcp6Message to, Dhcp6MessageType type, string address, uint valid = (uint)ExpirySeconds, byte[]? clientId = null)
    {
        byte[] ia = [.. Number(Client6.Association), .. Number((uint)RenewSeconds), .. Number((uint)RebindSeconds),
            .. new Dhcp6Options()
                .Add(Dhcp6Option.Address, [.. IPAddress.Parse(address).GetAddressBytes(), .. Number(valid), .. Number(valid)])
                .ToBytes()];
        Links.Answer(new Dhcp6Message(type, to.TransactionId, new Dhcp6Options()
            .Add(Dhcp6Option.ClientId, clientId ?? to.Options.Find(Dhcp6Option.ClientId))
            .Add(Dhcp6Option.ServerId, s_server)
            .Add(Dhcp6Option.IdentityAssociation, ia)));
    }

    private Dhcp6Message TakeSent(Dhcp6MessageType type)
    {
        Dhcp6Message message = Links.Sent6.Dequeue();
        Assert.Equal(type, message.Type);
        return message;
    }

    private Client6 Bound()
    {
        Client6 client = NewClient();
        client.Acquire(wanted: null);
        Answer(TakeSent(Dhcp6MessageType.Solicit), Dhcp6MessageType.Advertise, "fd00::5");
        Answer(TakeSent(Dhcp6MessageType.Request), Dhcp6MessageType.Reply, "fd00::5");
        Assert.Equal(["changed"], Owner.Events);
        Owner.Events.Clear();
        return client;
    }

    [Fact]
    public void An_advertised_address_is_requested_and_replied()
    {
        Client6 client = NewClient();
        client.Acquire(wanted: null);
        Dhcp6Message solicit = TakeSent(Dhcp6MessageType.Solicit);
        Assert.Equal(18, solicit.Options.Find(Dhcp6Option.ClientId)!.Length);
        Assert.Null(solicit.Options.Find(Dhcp6Option.ServerId));
        Answer(solicit, Dhcp6MessageType.Advertise, "fd00::5");
        Dhcp6Message request = TakeSent(Dhcp6MessageType.Request);
        Assert.Equal(s_server, request.Options.Find(Dhcp6Option.ServerId));
        Answer(request, Dhcp6MessageType.Reply, "fd00::5");
        Assert.Equal("fd00::5/128", client.Lease!.Address.ToString());
        Assert.False(Links.IsOpen);
    }

    [Fact]
    public void Answers_to_others_and_without_an_address_are_not_taken()
    {
        NewClient().Acquire(wanted: null);
        Dhcp6Message solicit = TakeSent(Dhcp6MessageType.Solicit);
        Answer(solicit, Dhcp6MessageType.Advertise, "fd00::5", clientId: [0, 4, 1]);
        Answer(solicit with { TransactionId = solicit.TransactionId ^ 1 }, Dhcp6MessageType.Advertise, "fd00::5");
        Answer(solicit, Dhcp6MessageType.Advertise, "fd00::5", valid: 0);
        Answer(solicit, Dhcp6MessageType.Advertise, "fe80::5");
        Assert.Empty(Links.Sent6);
    }

    [Fact]
    public void The_own_server_renews()
    {
        Client6 client = Bound();
        Time.PassSeconds(RenewSeconds);
        Dhcp6Message renew = TakeSent(Dhcp6MessageType.Renew);
        Assert.Equal(s_server, renew.Options.Find(Dhcp6Option.ServerId));
        Answer(renew, Dhcp6MessageType.Reply, "fd00::5");
        Assert.Equal(["changed"], Owner.Events);
        Time.PassSeconds(RenewSeconds - 1);
        Assert.True(client.IsBound);
    }

    [Fact]
    public void All_servers_rebind_and_then_the_lease_expires()
    {
        Client6 client = Bound();
        Time.PassSeconds(RebindSeconds - 1);
        Assert.All(Links.Sent6, static sent => Assert.Equal(Dhcp6MessageType.Renew, sent.Type));
        Links.Sent6.Clear();
        Time.PassSeconds(1);
        Assert.Null(TakeSent(Dhcp6MessageType.Rebind).Options.Find(Dhcp6Option.ServerId));
        Time.PassSeconds(ExpirySeconds - RebindSeconds);
        Assert.Equal(["expired"], Owner.Events);
        Assert.False(client.IsBound);
    }

    [Fact]
    public void Another_address_is_applied()
    {
        _ = Bound();
        Time.PassSeconds(RenewSeconds);
        Answer(TakeSent(Dhcp6MessageType.Renew), Dhcp6MessageType.Reply, "fd00::6");
        Assert.Equal(["replace fd00::5/128 by fd00::6/128"], Links.Changes);
    }

    [Fact]
    public void Release_names_server_and_address()
    {
        Client6 client = Bound();
        client.Release();
        Dhcp6Message release = TakeSent(Dhcp6MessageType.Release);
        Assert.Equal(s_server, release.Options.Find(Dhcp6Option.ServerId));
        Assert.Equal(["withdraw fd00::5/128"], Links.Changes);
        Assert.False(Links.IsOpen);
    }

    [Fact]
    public void An_interface_that_is_gone_ends_it()
    {
        _ = Bound();
        Links.IsGone = true;
        Time.PassSeconds(RenewSeconds);
        Assert.Equal(["gone"], Owner.Events);
    }
}
