using Linux;
using Netlink.Route;
using Netlink.Testing;

namespace Netlink.Tests.Testing;

/// <summary>What those who test with it rely on.</summary>
public sealed class ScriptedTransportTests
{
    [Fact]
    public void A_script_that_is_not_played_to_its_end_fails()
    {
        ScriptedTransport kernel = new ScriptedTransport().OnSend(static _ => []);
        Assert.Equal(1, kernel.StepsLeft);
        Assert.Throws<InvalidOperationException>(kernel.Dispose);
    }

    [Fact]
    public void More_than_the_script_has_fails()
    {
        using ScriptedTransport kernel = new();
        using RouteClient client = new(new NetlinkSocket(kernel));
        Assert.Throws<InvalidOperationException>(() => client.FindLink(1));
    }

    [Fact]
    public void A_refusal_with_its_explanation_reaches_the_caller()
    {
        using ScriptedTransport kernel = new ScriptedTransport()
            // NLMSGERR_ATTR_MSG "no"
            .OnSend(static sent => [ScriptedTransport.Error(sent[0].Sequence, Errno.EPERM, [7, 0, 1, 0, (byte)'n', (byte)'o', 0, 0])]);
        using RouteClient client = new(new NetlinkSocket(kernel));
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => client.FindLink("eth0"));
        Assert.Equal((Errno.EPERM, "no", "find link eth0"), (refusal.Errno, refusal.Explanation, refusal.Operation));
        ScriptedRequest request = Assert.Single(Assert.Single(kernel.Sent));
        Assert.Equal(RouteMessageType.GetLink, request.Type);
    }

    [Fact]
    public void The_time_for_an_answer_can_be_set()
    {
        using ScriptedTransport kernel = new ScriptedTransport().OnSend(static _ => []);
        using RouteClient client = new(new NetlinkSocket(kernel)) { AnswerTimeout = TimeSpan.FromSeconds(2) };
        NetlinkException late = Assert.Throws<NetlinkException>(() => client.FindLink(1));
        Assert.Equal(Errno.ETIMEDOUT, late.Errno);
        Assert.Contains("within 2 s", late.Message, StringComparison.Ordinal);
        Assert.IsType<LinuxException>(late.InnerException);
    }
}
