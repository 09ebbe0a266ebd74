using System.Net;
using Dhcp.Messages;
using Linux.Addresses;

namespace Dhcp.Client;

/// <summary>An IPv6 address with what came along, as a server has given it.</summary>
internal sealed record Lease6
{
    // RFC 8415, 21.4: what a client takes where a server says nothing, of the preferred lifetime.
    private static readonly (double, double) DefaultTimes = (0.5, 0.8);

    /// <summary>The REPLY itself: what a restarted daemon reads.</summary>
    public required Dhcp6Message Message { get; init; }

    public required LeaseTimes Times { get; init; }

    /// <summary>A single address: DHCPv6 knows no prefix length; what is on the link is told by routers.</summary>
    public required IpPrefix Address { get; init; }

    /// <summary>The server's DUID.</summary>
    public required byte[] Server { get; init; }

    public IReadOnlyList<IPAddress> NameServers
    {
        get
        {
            List<IPAddress> servers = [];
            for (ReadOnlySpan<byte> value = Message.Options.Find(Dhcp6Option.NameServers); value.Length >= 16; value = value[16..])
                servers.Add(new IPAddress(value[..16]));
            return servers;
        }
    }

    public IReadOnlyList<string> Search => DomainNames.ReadList(Message.Options.Find(Dhcp6Option.DomainSearch));

    /// <summary>Reads an ADVERTISE or a REPLY; null if it gives no address.</summary>
    /// <param name="message">The message.</param>
    /// <param name="association">The client's IAID.</param>
    /// <param name="since">When it came.</param>
    public static Lease6? TryRead(Dhcp6Message message, uint association, TimeSpan since)
    {
        if (message.Options.Find(Dhcp6Option.ServerId) is not { Length: > 0 } server || IdentityAssociation.IsRefusal(message.Options))
            return null;
        foreach (byte[] value in message.Options.FindAll(Dhcp6Option.IdentityAssociation))
        {
            if (IdentityAssociation.TryRead(value, association) is { } found)
            {
                return new Lease6
                {
                    Message = message,
                    Server = server,
                    Address = IpPrefix.Host(found.Address),
                    Times = LeaseTimes.From(
                        since,
                        found.Valid,
                        found.Renew > 0 ? found.Renew : DefaultOf(found, DefaultTimes.Item1),
                        found.Rebind > 0 ? found.Rebind : DefaultOf(found, DefaultTimes.Item2),
                        DefaultTimes),
                };
            }
        }
        return null;
    }

    private static uint? DefaultOf(IdentityAssociation association, double part) =>
        association.Preferred is > 0 and < LeaseTimes.Infinity ? (uint)(association.Preferred * part) : null;
}
