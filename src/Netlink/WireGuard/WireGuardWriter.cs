using Linux.Addresses;
using Netlink.Generic;
using Netlink.Wire;
using static Netlink.WireGuard.WireGuardMessage;

namespace Netlink.WireGuard;

/// <summary>
/// Writes a change as requests, several where one would be long: each goes on where the one before has ended, and only the first replaces
/// what was there (linux/wireguard.h).
/// </summary>
internal sealed class WireGuardWriter(GenericFamily family, string device, int requestSize)
{
    // WGALLOWEDIP_A_*, of IPv6, which is the longer.
    private const int LongestAllowedIp = 40;
    // WGPEER_A_* without allowed IPs.
    private const int LongestPeer = 140;

    private readonly NetlinkBatch _batch = new();
    private int _start;
    private int _peers;

    // WG_CMD_SET_DEVICE:
    //   WGDEVICE_A_IFNAME       string
    //   WGDEVICE_A_PRIVATE_KEY  32 bytes
    //   WGDEVICE_A_LISTEN_PORT  u16
    //   WGDEVICE_A_FWMARK       u32
    //   WGDEVICE_A_FLAGS        u32
    //   WGDEVICE_A_PEERS        a nest for each peer
    public NetlinkBatch Write(WireGuardChange change)
    {
        NetlinkWriter writer = Begin();
        if (change.PrivateKey is { } key)
            WriteKey(writer, WGDEVICE_A_PRIVATE_KEY, key);
        if (change.ListenPort is { } port)
            writer.WriteUInt16Attribute(WGDEVICE_A_LISTEN_PORT, port);
        if (change.FirewallMark is { } mark)
            writer.WriteUInt32Attribute(WGDEVICE_A_FWMARK, mark);
        if (change.ReplacePeers)
            writer.WriteUInt32Attribute(WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS);
        if (change.Peers.Count == 0)
        {
            _batch.End();
            return _batch;
        }
        _peers = writer.BeginNest(WGDEVICE_A_PEERS);
        foreach (WireGuardPeerChange peer in change.Peers)
            WritePeer(peer);
        End(writer);
        return _batch;
    }

    // A nest of WGDEVICE_A_PEERS:
    //   WGPEER_A_PUBLIC_KEY                     32 bytes
    //   WGPEER_A_PRESHARED_KEY                  32 bytes
    //   WGPEER_A_ENDPOINT                       struct sockaddr_in or sockaddr_in6
    //   WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL  u16
    //   WGPEER_A_FLAGS                          u32
    //   WGPEER_A_ALLOWEDIPS                     a nest for each: WGALLOWEDIP_A_FAMILY u16, WGALLOWEDIP_A_IPADDR, WGALLOWEDIP_A_CIDR_MASK u8
    private void WritePeer(WireGuardPeerChange peer)
    {
        NetlinkWriter writer = Continue(LongestPeer);
        int nest = writer.BeginNest(0);
        WriteKey(writer, WGPEER_A_PUBLIC_KEY, peer.PublicKey);
        if (peer.PresharedKey is { } preshared)
            WriteKey(writer, WGPEER_A_PRESHARED_KEY, preshared);
        if (peer.Endpoint is { } endpoint)
            WireGuardEndpoint.Write(writer, WGPEER_A_ENDPOINT, endpoint);
        if (peer.PersistentKeepalive is { } keepalive)
            writer.WriteUInt16Attribute(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, keepalive);
        uint update = peer.UpdateOnly ? WGPEER_F_UPDATE_ONLY : 0;
        WriteFlags(
            writer,
            (peer.Remove ? WGPEER_F_REMOVE_ME : 0) | (peer.ReplaceAllowedIps ? WGPEER_F_REPLACE_ALLOWEDIPS : 0) | update);
        int? list = null;
        foreach (IpPrefix prefix in peer.AllowedIps)
        {
            if (Length + LongestAllowedIp > requestSize)
            {
                EndList(writer, list);
                writer.EndNest(nest);
                writer = Continue(requestSize);
                nest = writer.BeginNest(0);
                WriteKey(writer, WGPEER_A_PUBLIC_KEY, peer.PublicKey);
                WriteFlags(writer, update);
                list = null;
            }
            list ??= writer.BeginNest(WGPEER_A_ALLOWEDIPS);
            WriteAllowedIp(writer, prefix);
        }
        EndList(writer, list);
        writer.EndNest(nest);
    }

    private int Length => _batch.Buffer.Length - _start;

    private NetlinkWriter Begin()
    {
        _start = _batch.Buffer.Length;
        NetlinkWriter writer = _batch.Begin(family.Id, (ushort)RequestFlags.Acknowledge, $"set keys and peers of {device}");
        GenericMessage.WriteHeader(writer, WG_CMD_SET_DEVICE, WG_GENL_VERSION);
        writer.WriteStringAttribute(WGDEVICE_A_IFNAME, device);
        return writer;
    }

    private void End(NetlinkWriter writer)
    {
        writer.EndNest(_peers);
        _batch.End();
    }

    /// <summary>The request at hand if it has room for so many bytes, else the next one.</summary>
    private NetlinkWriter Continue(int bytes)
    {
        NetlinkWriter writer = new(_batch.Buffer);
        if (Length + bytes <= requestSize)
            return writer;
        End(writer);
        writer = Begin();
        _peers = writer.BeginNest(WGDEVICE_A_PEERS);
        return writer;
    }

    private static void WriteAllowedIp(NetlinkWriter writer, IpPrefix prefix)
    {
        int nest = writer.BeginNest(0);
        writer.WriteUInt16Attribute(WGALLOWEDIP_A_FAMILY, prefix.IsIPv6 ? AF_INET6 : AF_INET);
        writer.WriteAttribute(WGALLOWEDIP_A_IPADDR, prefix.Address.GetAddressBytes());
        writer.WriteUInt8Attribute(WGALLOWEDIP_A_CIDR_MASK, (byte)prefix.Length);
        writer.EndNest(nest);
    }

    private static void EndList(NetlinkWriter writer, int? list)
    {
        if (list is { } open)
            writer.EndNest(open);
    }

    private static void WriteFlags(NetlinkWriter writer, uint flags)
    {
        if (flags != 0)
            writer.WriteUInt32Attribute(WGPEER_A_FLAGS, flags);
    }

    private static void WriteKey(NetlinkWriter writer, ushort type, WireGuardKey key)
    {
        Span<byte> bytes = stackalloc byte[WireGuardKey.Size];
        key.CopyTo(bytes);
        writer.WriteAttribute(type, bytes);
    }
}
