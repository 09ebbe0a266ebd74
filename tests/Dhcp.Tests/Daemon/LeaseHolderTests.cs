using System.Net;
using Dhcp.Client;
using Dhcp.Daemon;
using Dhcp.Messages;
using Dhcp.Tests.Client;

namespace Dhcp.Tests.Daemon;

/// <summary>
/// A daemon that is killed between any two steps leaves no address taken that nobody uses: the state on disk is kept at every step, and
/// another daemon is started on each.
/// </summary>
public sealed class LeaseHolderTests : ClientTest, IDisposable
{
    private static readonly byte[] s_server6 = [0, 3, 0, 1, 2, 0, 0, 0, 0, 0xfe];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("dhcp-");
    private readonly List<string> _log = [];
    private readonly List<Instant> _instants = [];
    private readonly HashSet<string> _given = [];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Killed_at_any_step_until_DEL_has_ended_it_leaves_no_address()
    {
        LeaseHolder holder = Acquire(Request);
        Answer4(DhcpMessageType.Offer);
        Answer4(DhcpMessageType.Ack);
        Answer6(Dhcp6MessageType.Advertise);
        Answer6(Dhcp6MessageType.Reply);
        Assert.True(holder.IsHeld);
        holder.Release("DEL");
        Assert.Empty(_directory.GetFiles());
        AssertOtherDaemonsGiveBack(expectedReleases: 2);
    }

    [Fact]
    public void Killed_while_an_ADD_that_failed_is_undone_it_leaves_no_address()
    {
        LeaseHolder holder = Acquire(Request);
        Answer4(DhcpMessageType.Offer);
        Answer4(DhcpMessageType.Ack);
        ((ILeaseOwner)holder).AcquisitionFailed(new LinkGoneException("no server of the other family"));
        Assert.Empty(_directory.GetFiles());
        AssertOtherDaemonsGiveBack(expectedReleases: 1);
    }

    [Fact]
    public void What_an_earlier_daemon_has_begun_to_give_back_is_given_back_without_a_DEL()
    {
        LeaseHolder holder = Acquire(Request with { IPv6 = false });
        Answer4(DhcpMessageType.Offer);
        Answer4(DhcpMessageType.Ack);
        new LeaseDirectory(_directory.FullName).Save(holder.ToStored("boot") with { IsReleasing = true });

        FakeLinks links = new();
        LeaseBook book = new(new LeaseDirectory(_directory.FullName), "boot", _log.Add);
        book.Load(Environment with { Links = links });
        Assert.Equal(DhcpMessageType.Release, Assert.Single(links.Sent4).Message.Type);
        Assert.Equal(["withdraw 10.0.0.5/24"], links.Changes);
        Assert.Empty(book.All);
        Assert.Empty(_directory.GetFiles());
    }

    [Fact]
    public void What_is_held_is_not_given_back_at_a_start()
    {
        _ = Acquire(Request with { IPv6 = false });
        Answer4(DhcpMessageType.Offer);
        Answer4(DhcpMessageType.Ack);
        FakeLinks links = new();
        LeaseBook book = new(new LeaseDirectory(_directory.FullName), "boot", _log.Add);
        book.Load(Environment with { Links = links });
        Assert.True(Assert.Single(book.All).IsHeld);
        Assert.Empty(links.Sent4);
    }

    [Fact]
    public void Lease_of_an_interface_that_is_gone_is_forgotten()
    {
        LeaseHolder holder = Acquire(Request with { IPv6 = false });
        Answer4(DhcpMessageType.Offer);
        Answer4(DhcpMessageType.Ack);
        Links.IsGone = true;
        holder.Release("DEL");
        Assert.Empty(Links.Sent4);
        Assert.Empty(_directory.GetFiles());
    }

    private LeaseHolder Acquire(LeaseRequest request)
    {
        Links.Step = Keep;
        LeaseBook book = new(new LeaseDirectory(_directory.FullName), "boot", _log.Add);
        book.Load(Environment);
        LeaseHolder holder = new(request, Environment, book);
        _ = book.Put(holder);
        holder.Acquire(default);
        return holder;
    }

    /// <summary>Keeps what a daemon would find that started now, and what the servers think.</summary>
    private void Keep()
    {
        foreach ((DhcpMessage message, _, _, _) in Links.Sent4.Where(static sent => sent.Message.Type == DhcpMessageType.Release))
            _ = _given.Remove("IPv4");
        foreach (Dhcp6Message message in Links.Sent6.Where(static sent => sent.Type == Dhcp6MessageType.Release))
            _ = _given.Remove("IPv6");
        _instants.Add(
            new Instant([.. _directory.GetFiles().Select(static file => (file.Name, File.ReadAllBytes(file.FullName)))], [.. _given]));
    }

    private void AssertOtherDaemonsGiveBack(int expectedReleases)
    {
        Assert.Equal(
            expectedReleases,
            Links.Sent4.Count(static sent =>
                sent.Message.Type == DhcpMessageType.Release) + Links.Sent6.Count(static sent => sent.Type == Dhcp6MessageType.Release));
        Assert.InRange(_instants.Count(static instant => instant.Given.Length > 0), 4, 100);
        foreach ((int number, Instant instant) in _instants.Index())
        {
            foreach (FileInfo file in _directory.GetFiles())
                file.Delete();
            foreach ((string name, byte[] content) in instant.Files)
                File.WriteAllBytes(Path.Combine(_directory.FullName, name), content);
            FakeLinks links = new();
            LeaseBook book = new(new LeaseDirectory(_directory.FullName), "boot", _log.Add);
            book.Load(Environment with { Links = links });
            // The runtime, whose ADD has failed or whose DEL was not answered.
            book.Find(Request.Key)?.Release("DEL");
            HashSet<string> left = [.. instant.Given];
            if (links.Sent4.Any(static sent => sent.Message.Type == DhcpMessageType.Release))
                _ = left.Remove("IPv4");
            if (links.Sent6.Any(static sent => sent.Type == Dhcp6MessageType.Release))
                _ = left.Remove("IPv6");
            Assert.True(left.Count == 0, $"killed at step {number}: the server never hears that {string.Join(" and ", left)} is free");
            Assert.Empty(_directory.GetFiles());
        }
    }

    private void Answer4(DhcpMessageType type)
    {
        if (type == DhcpMessageType.Ack)
            _ = _given.Add("IPv4");
        Links.Answer(Links.Sent4.Dequeue().Message, type, "10.0.0.5");
    }

    private void Answer6(Dhcp6MessageType type)
    {
        if (type == Dhcp6MessageType.Reply)
            _ = _given.Add("IPv6");
        Dhcp6Message to = Links.Sent6.Dequeue();
        byte[] address = new Dhcp6Options()
            .Add(Dhcp6Option.Address, [.. IPAddress.Parse("fd00::5").GetAddressBytes(), 0, 0, 14, 16, 0, 0, 14, 16])
            .ToBytes();
        Links.Answer(new Dhcp6Message(type, to.TransactionId, new Dhcp6Options()
            .Add(Dhcp6Option.ClientId, to.Options.Find(Dhcp6Option.ClientId)!)
            .Add(Dhcp6Option.ServerId, s_server6)
            .Add(Dhcp6Option.IdentityAssociation, [0, 0, 0, 1, 0, 0, 3, 232, 0, 0, 6, 64, .. address])));
    }

    private sealed record Instant((string Name, byte[] Content)[] Files, string[] Given);
}
