using System.Net;
using Dhcp.Messages;
using Linux;
using Linux.Addresses;

namespace Dhcp.Client;

/// <summary>An interface opened for DHCPv4.</summary>
internal interface ILink4 : IDisposable
{
    MacAddress HardwareAddress { get; }

    /// <summary>Sends a message to servers.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    void Send(DhcpMessage message, IPAddress source, IPAddress destination, MacAddress station);
}
