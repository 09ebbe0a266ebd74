using System.Runtime.ExceptionServices;
using Cni;
using Linux.Addresses;

namespace TestKit;

/// <summary>Runs code where a plugin's code runs: inside a call that the protocol layer has checked.</summary>
public static class TestCall
{
    /// <summary>A configuration of version 1.1.0 for the network <c>pods</c>.</summary>
    /// <param name="members">Further members, such as <c>"mtu": 1400</c>.</param>
    public static string Config(string members) =>
        $$"""{"cniVersion": "1.1.0", "name": "pods", "type": "test"{{(members.Length > 0 ? ", " : "")}}{{members}}}""";

    /// <summary>Runs code in an ADD of container <c>c1</c>, interface <c>eth0</c>.</summary>
    public static T Add<T>(string members, Func<CniInvocation, T> body, string args = "") => Run(HostFor("ADD", members, args), body);

    /// <summary>The environment of a call of container <c>c1</c>, interface <c>eth0</c>.</summary>
    public static FakeHost HostFor(string command, string members, string args = "")
    {
        FakeHost host = FakeHost.For(command, Config(members));
        host["CNI_ARGS"] = args;
        return host;
    }

    /// <summary>Runs code in a call; what it throws comes out as it was.</summary>
    public static T Run<T>(FakeHost host, Func<CniInvocation, T> body)
    {
        bool called = false;
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        void Call(CniInvocation call)
        {
            called = true;
            try
            {
                result = body(call);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }
        FakePlugin plugin = new()
        {
            OnAdd = call =>
            {
                Call(call);
                return FakePlugin.OneAddress(call);
            },
            OnOther = Call,
        };
        _ = CniProgram.Run(host, plugin);
        failure?.Throw();
        Assert.True(called, string.Join('\n', host.Outputs));
        return result!;
    }

    public static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);

    public static MacAddress Mac(string text) => MacAddress.TryParse(text, out MacAddress mac) ? mac : throw new FormatException(text);

    /// <summary>Asserts the code, and that the message says everything that a person needs.</summary>
    public static void AssertFails(CniErrorCode code, IEnumerable<string> words, Action action)
    {
        CniException error = Assert.Throws<CniException>(action);
        Assert.Equal(code, error.Code);
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }
}
