namespace Datapath.Endpoints;

/// <summary>
/// How the host ends of pods whose traffic waits for a policy are told from all others. The names and addresses of pods come and go, so a
/// rule that names them holds only as long as somebody keeps it up to date. A group of interfaces is a part of the interface, is set before
/// the pod runs, and ends with it: one rule that matches the group never changes, and holds with nobody there.
/// </summary>
public static class EndpointGate
{
    /// <summary>
    /// The group (IFLA_GROUP) of guarded host ends: 6516329, the letters "cni". nftables matches it as <c>iifgroup</c> and
    /// <c>oifgroup</c>, ip(8) lists it by <c>ip link show group 6516329</c>.
    /// </summary>
    public const uint LinkGroup = 0x636e69;
}
