using Linux;
using Netlink.Route;
using Netlink.Route.Events;
using Netlink.Testing;
using Netlink.Wire;
using static Netlink.Testing.ScriptedTransport;

namespace Netlink.Tests.Route.Events;

public sealed class RouteEventsTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_loss_throws_away_what_is_left_and_lists_anew()
    {
        ScriptedTransport lists = new ScriptedTransport()
            .OnSend(sent => [Datagram(Link(sent[0].Sequence, 1)), Done(sent[0].Sequence)])
            .OnSend(sent => [Datagram(Link(sent[0].Sequence, 2)), Done(sent[0].Sequence)]);
        // Between the loss and the list lies a notification that is older than either.
        ScriptedTransport notifications = new ScriptedTransport().Notify(Link(0, 3)).Notify([]).Notify(Link(0, 4));
        using RouteEvents events = new(new RouteClient(new NetlinkSocket(lists)), new NetlinkSocket(notifications), RouteSubjects.Links);
        Assert.Equal(["Resync 0", "Added 1", "Added 3", "Resync 0", "Added 2"], Told(events));
        Assert.Equal((1, 2), (notifications.Renewals, notifications.Groups.Count));
    }

    [Fact]
    public void A_list_that_fails_is_tried_again()
    {
        ScriptedTransport lists = new ScriptedTransport()
            .OnSend(sent => [Error(sent[0].Sequence, Errno.ENOMEM)])
            .OnSend(sent => [Datagram(Link(sent[0].Sequence, 1)), Done(sent[0].Sequence)]);
        using RouteEvents events = new(
            new RouteClient(new NetlinkSocket(lists)), new NetlinkSocket(new ScriptedTransport()), RouteSubjects.Links);
        Assert.Equal(Errno.ENOMEM, Assert.Throws<NetlinkException>(() => events.Next(Soon)).Errno);
        Assert.Equal(["Resync 0", "Added 1"], Told(events));
    }

    [Theory]
    [InlineData(RouteSubjects.Links, new[] { 1 })]
    [InlineData(RouteSubjects.Addresses, new[] { 5, 9 })]
    [InlineData(RouteSubjects.Routes, new[] { 7, 11 })]
    [InlineData(RouteSubjects.Neighbours, new[] { 3 })]
    [InlineData(RouteSubjects.All, new[] { 1, 5, 9, 7, 11, 3 })]
    public void Only_what_is_asked_for_is_listened_to(RouteSubjects subjects, int[] groups)
    {
        ScriptedTransport notifications = new();
        using RouteEvents events = new(
            new RouteClient(new NetlinkSocket(new ScriptedTransport())), new NetlinkSocket(notifications), subjects);
        Assert.Equal(groups, notifications.Groups);
    }

    private static List<string> Told(RouteEvents events)
    {
        List<string> told = [];
        while (events.Next(Soon) is { } next)
            told.Add($"{next.Kind} {(next as LinkEvent)?.Link.Index ?? 0}");
        return told;
    }

    private static byte[] Link(uint sequence, byte index) => Message(
        RouteMessageType.NewLink, AnswerFlags.Multipart, sequence, [0, 0, 0, 0, index, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
}
