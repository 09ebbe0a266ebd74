using Dhcp.Daemon;
using Dhcp.Messages;
using Linux.Addresses;

namespace Dhcp.Client;

/// <summary>
/// The interfaces of pods, as far as DHCP deals with them. Nothing of a pod is held open between two calls but what is returned.
/// </summary>
internal interface ILinks
{
    /// <summary>Whether the interface is there, with its MAC address.</summary>
    bool Exists(LeaseRequest request, MacAddress expected);

    /// <summary>Opens an interface for DHCPv4, and brings it up where it is down.</summary>
    /// <param name="request">Names it.</param>
    /// <param name="expected">Its MAC address: one with another counts as gone; null for any.</param>
    /// <param name="received">Called for every answer of a server, with the station that sent it.</param>
    /// <exception cref="LinkGoneException">The namespace or the interface is gone.</exception>
    ILink4 Open4(LeaseRequest request, MacAddress? expected, Action<DhcpMessage, MacAddress> received);

    /// <summary>Opens an interface for DHCPv6, and brings it up where it is down.</summary>
    /// <inheritdoc cref="Open4"/>
    ILink6 Open6(LeaseRequest request, MacAddress? expected, Action<Dhcp6Message> received);

    /// <summary>Puts an address and its routes in the place of others, if the interface has the old address.</summary>
    /// <exception cref="LinkGoneException">The namespace or the interface is gone.</exception>
    void Replace(LeaseRequest request, MacAddress expected, Addressing old, Addressing replacement);

    /// <summary>Takes an address from the interface, if it has it.</summary>
    /// <exception cref="LinkGoneException">The namespace or the interface is gone.</exception>
    void Withdraw(LeaseRequest request, MacAddress expected, IpPrefix address);

    /// <summary>Takes the interface down: nothing may use its address any more.</summary>
    /// <exception cref="LinkGoneException">The namespace or the interface is gone.</exception>
    void TakeDown(LeaseRequest request, MacAddress expected);
}
