using Dhcp.Client;
using Dhcp.Tests.Daemon;

namespace Dhcp.Tests.Client;

/// <summary>A client whose clock and servers are the test's.</summary>
public abstract class ClientTest
{
    internal FakeTime Time { get; } = new();

    internal FakeLinks Links { get; } = new();

    internal FakeOwner Owner { get; } = new();

    internal ClientEnvironment Environment => new(Time.Timers, Links, new ClientTimeouts(), Broadcast: false);

    internal static LeaseRequest Request { get; } = new()
    {
        Network = "pods",
        ContainerId = "c1",
        IfName = "eth0",
        NetNS = "/run/netns/c1",
        IPv4 = true,
        IPv6 = true,
        RequestedOptions = [1, 121, 3],
    };
}
