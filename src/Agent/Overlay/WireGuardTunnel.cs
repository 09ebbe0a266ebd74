using System.Globalization;
using Linux;
using Linux.Kernel;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.WireGuard;

namespace Agent.Overlay;

/// <summary>
/// The one WireGuard device, and all other nodes as its peers, of both families of the underlay and for both of the pods.
/// </summary>
/// <param name="client">The kernel.</param>
/// <param name="settings">Node and cluster.</param>
internal sealed class WireGuardTunnel(RouteClient client, OverlaySettings settings)
{
    /// <summary>What the names of all our devices of this kind begin with, and nobody else's.</summary>
    public const string NamePrefix = "cni-wg";

    /// <summary>The device.</summary>
    public const string Name = NamePrefix + "0";

    // REJECT_AFTER_TIME, WireGuard's protocol: what was agreed on before is not used any more.
    private static readonly TimeSpan s_session = TimeSpan.FromSeconds(180);

    /// <summary>Makes the device, or changes what is not right of it or its peers; what is right is left alone.</summary>
    /// <param name="plan">What is wanted.</param>
    /// <param name="mtu">Its MTU; null to leave it.</param>
    /// <param name="log">Gets what was done.</param>
    /// <returns>Its index.</returns>
    /// <exception cref="OverlayException">The kernel has no WireGuard, or somebody else has name or port.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public int Ensure(PlannedWireGuard plan, int? mtu, Action<string> log)
    {
        WireGuardKey key = settings.WireGuardKey
            ?? throw new OverlayException("this node has no WireGuard key, so nothing can be reached by the backend wireguard");
        Link? link = client.FindLink(Name);
        if (link is { Kind: not WireGuardLink.Kind })
        {
            throw new OverlayException(
                $"interface {Name} is no WireGuard tunnel but {(link.Kind is { } kind ? $"a {kind}" : "a device")}, so nothing can be "
                + "reached by it; rename or remove it");
        }
        bool isNew = link is null;
        link ??= Make(mtu);
        using WireGuardClient keys = WireGuardClient.Open();
        WireGuardDevice present = keys.Find(Name) ?? new WireGuardDevice();
        // Keys and peers before it is switched on, and before there are routes.
        SetKeys(keys, present, key);
        SetPeers(keys, present, plan, isNew ? _ => { } : log);
        if ((mtu is { } bytes && link.Mtu != bytes) || !link.IsUp)
            SwitchOn(link, mtu, log);
        if (isNew)
        {
            log(string.Create(
                CultureInfo.InvariantCulture,
                $"made {Name}: port {settings.WireGuardPort}, public key {X25519.PublicKeyOf(key)}, {plan.Peers.Count} peers"));
        }
        return link.Index;
    }

    /// <summary>Removes the device if it is there.</summary>
    public void Remove(Action<string> log)
    {
        if (client.FindLink(Name) is { Kind: WireGuardLink.Kind } link && client.TryDeleteLink(link.Index))
            log($"removed {Name}, which no node is behind");
    }

    private Link Make(int? mtu)
    {
        try
        {
            client.CreateLink(new WireGuardSpec { Name = Name, Mtu = mtu });
        }
        catch (NetlinkException e) when (e.Errno == Errno.EOPNOTSUPP)
        {
            throw new OverlayException(
                $"{Name} cannot be made: this kernel has no WireGuard, so no packet goes to networks with the backend wireguard; load it "
                + "with \"modprobe wireguard\" (it is part of Linux 5.6 and newer), or give the networks another backend");
        }
        return client.FindLink(Name)
            ?? throw new OverlayException($"{Name} was removed in the moment in which it was made");
    }

    private void SetKeys(WireGuardClient keys, WireGuardDevice present, WireGuardKey key)
    {
        WireGuardChange change = new()
        {
            PrivateKey = present.PrivateKey == key ? null : key,
            ListenPort = present.ListenPort == settings.WireGuardPort ? null : settings.WireGuardPort,
            FirewallMark = present.FirewallMark == 0 ? null : 0,
        };
        if (change != new WireGuardChange { Peers = change.Peers })
            InUse(() => keys.Set(Name, change));
    }

    private void SwitchOn(Link link, int? mtu, Action<string> log)
    {
        string key = $"net/ipv6/conf/{Name}/disable_ipv6";
        if (Sysctl.TryRead(key) == "1")
            _ = Sysctl.TryWrite(key, "0");
        // The port is opened by this.
        InUse(() => client.SetLink(link.Index, new LinkChange { Mtu = mtu, Up = true }));
        if (link.IsUp)
            log(string.Create(CultureInfo.InvariantCulture, $"MTU of {Name} is {mtu} now, and was {link.Mtu}"));
    }

    private void InUse(Action step)
    {
        try
        {
            step();
        }
        catch (NetlinkException e) when (e.Errno == Errno.EADDRINUSE)
        {
            throw new OverlayException(string.Create(
                CultureInfo.InvariantCulture,
                $"{Name} cannot listen: something else on this host has UDP port {settings.WireGuardPort}; choose another wireguardPort "
                + $"for the cluster"));
        }
    }

    private static void SetPeers(WireGuardClient keys, WireGuardDevice present, PlannedWireGuard plan, Action<string> log)
    {
        Dictionary<WireGuardKey, WireGuardPeer> known = present.Peers.ToDictionary(static peer => peer.PublicKey);
        List<WireGuardPeerChange> changes = [];
        foreach (PlannedWireGuardPeer peer in plan.Peers)
        {
            if (Difference(peer, known.GetValueOrDefault(peer.Key)) is not { } change)
                continue;
            changes.Add(change);
            log($"{(known.ContainsKey(peer.Key) ? "changed" : "added")} peer {peer.Key} (node {peer.Node})");
        }
        HashSet<WireGuardKey> wanted = [.. plan.Peers.Select(static peer => peer.Key)];
        foreach (WireGuardKey stranger in known.Keys.Where(key => !wanted.Contains(key)))
        {
            changes.Insert(0, new WireGuardPeerChange { PublicKey = stranger, Remove = true });
            log($"removed peer {stranger}");
        }
        if (changes.Count > 0)
            keys.Set(Name, new WireGuardChange { Peers = changes });
    }

    /// <summary>What is to change of a peer; null if nothing.</summary>
    private static WireGuardPeerChange? Difference(PlannedWireGuardPeer wanted, WireGuardPeer? present)
    {
        bool hasAllowedIps = present is not null && present.AllowedIps.ToHashSet().SetEquals(wanted.AllowedIps);
        // A peer that is heard of is where it is heard from, as WireGuard has it, whatever it says of itself.
        bool isHeardOf = DateTimeOffset.UtcNow - present?.LastHandshake < s_session;
        bool isThere = present?.Endpoint is { } endpoint && (endpoint.Equals(wanted.Endpoint) || isHeardOf);
        if (hasAllowedIps && isThere && present is { PresharedKey: null, PersistentKeepalive: 0 })
            return null;
        return new WireGuardPeerChange
        {
            PublicKey = wanted.Key,
            Endpoint = isThere ? null : wanted.Endpoint,
            PresharedKey = present?.PresharedKey is null ? null : default(WireGuardKey),
            PersistentKeepalive = present is null or { PersistentKeepalive: 0 } ? null : 0,
            ReplaceAllowedIps = !hasAllowedIps,
            AllowedIps = hasAllowedIps ? [] : wanted.AllowedIps,
        };
    }
}
