using Linux.Files;

namespace Netlink;

/// <summary>
/// Shows every message decoded. Where the environment variable <c>NETLINK_DEBUG</c> is set, to anything but 0, each socket that is opened
/// from then on writes to stderr; without it a socket costs one look at the environment and its messages nothing.
/// </summary>
public static class NetlinkTrace
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "NETLINK_DEBUG";

    /// <summary>Tells a listener of every message of a transport, whatever the environment says.</summary>
    /// <param name="transport">Disposed together with what is returned.</param>
    /// <param name="protocol">What it talks to.</param>
    /// <param name="listener">Gets one text for each datagram: a line for each message, and one for each attribute, indented.</param>
    public static INetlinkTransport Watch(INetlinkTransport transport, NetlinkProtocol protocol, Action<string> listener) =>
        new TracingTransport(transport, protocol, listener);

    /// <summary>The transport itself, unless the environment asks for more.</summary>
    internal static INetlinkTransport Wrap(INetlinkTransport transport, NetlinkProtocol protocol) =>
        Environment.GetEnvironmentVariable(Variable) is null or "" or "0"
            ? transport
            : Watch(transport, protocol, StandardStreams.WriteError);
}
