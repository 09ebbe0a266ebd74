using System.Net;
using Netlink.WireGuard;

namespace Agent.Nodes;

/// <summary>What is known of a node, whether it is alive or not.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Addresses">Its addresses on the underlay.</param>
/// <param name="WireGuardKey">Its public key; null if it has told none.</param>
public sealed record KnownNode(string Name, IReadOnlyList<IPAddress> Addresses, WireGuardKey? WireGuardKey);
