using System.Net;
using System.Text;
using Linux;
using Linux.Addresses;

namespace Agent.Overlay;

/// <summary>
/// The addresses of a node's end of the tunnels (VTEP, RFC 7348). They follow from the names, so nothing about them is stored or told, and
/// a device made anew has the same.
/// </summary>
public static class VtepAddresses
{
    /// <summary>The MAC address of a node: a hash of both names, unicast and locally administered (IEEE 802, 48-bit addresses).</summary>
    public static MacAddress MacOf(string cluster, string node)
    {
        Span<byte> hash = stackalloc byte[Sha512.HashSize];
        // Separated, so that a/bc and ab/c are two nodes.
        Sha512.HashData(Encoding.UTF8.GetBytes($"{cluster}\0{node}"), hash);
        Span<byte> octets = hash[..MacAddress.Size];
        octets[0] = (byte)((octets[0] & ~0x01) | 0x02);
        return new MacAddress(octets);
    }

    /// <summary>The IPv6 link-local address that the kernel makes of a MAC address (RFC 4291, appendix A).</summary>
    public static IPAddress LinkLocalOf(MacAddress mac)
    {
        Span<byte> octets = stackalloc byte[MacAddress.Size];
        mac.CopyTo(octets);
        return new IPAddress(
        [
            0xfe, 0x80, 0, 0, 0, 0, 0, 0,
            (byte)(octets[0] ^ 0x02), octets[1], octets[2], 0xff, 0xfe, octets[3], octets[4], octets[5],
        ]);
    }
}
