using Dhcp.Messages;
using Linux;
using Linux.Addresses;

namespace Dhcp.Client;

/// <summary>An interface opened for DHCPv6.</summary>
internal interface ILink6 : IDisposable
{
    MacAddress HardwareAddress { get; }

    /// <summary>Sends a message to all servers and relays of the link.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    void Send(Dhcp6Message message);
}
