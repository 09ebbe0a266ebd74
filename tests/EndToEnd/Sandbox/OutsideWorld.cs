namespace EndToEnd.Sandbox;

/// <summary>
/// A network namespace beyond the node that plays the outside world, on a link of its own. It has no route back to pods, so they reach it
/// only when the node masquerades, and it notes which source addresses pinged it.
/// </summary>
public sealed class OutsideWorld
{
    public const string Address4 = "192.0.2.2";
    public const string Address6 = "2001:db8::2";
    public const string NodeAddress4 = "192.0.2.1";
    public const string NodeAddress6 = "2001:db8::1";

    private const string Namespace = "outside";

    private readonly RuntimeSandbox _sandbox;

    private OutsideWorld(RuntimeSandbox sandbox) => _sandbox = sandbox;

    public static OutsideWorld CreateIn(RuntimeSandbox sandbox)
    {
        _ = sandbox.Run("sh", "-euc", $$"""
            ip netns add {{Namespace}}
            ip link add uplink type veth peer name uplink netns {{Namespace}}
            ip addr add {{NodeAddress4}}/24 dev uplink
            ip addr add {{NodeAddress6}}/64 dev uplink nodad
            ip link set uplink up
            ip -n {{Namespace}} addr add {{Address4}}/24 dev uplink
            ip -n {{Namespace}} addr add {{Address6}}/64 dev uplink nodad
            ip -n {{Namespace}} link set uplink up
            ip netns exec {{Namespace}} nft '
              table inet outside {
                set pinged4 { type ipv4_addr; flags dynamic; size 64; }
                set pinged6 { type ipv6_addr; flags dynamic; size 64; }
                chain input {
                  type filter hook input priority 0;
                  icmp type echo-request add @pinged4 { ip saddr }
                  icmpv6 type echo-request add @pinged6 { ip6 saddr }
                }
              }'
            """);
        return new OutsideWorld(sandbox);
    }

    /// <summary>The addresses that pinged since the last call, as nft writes them.</summary>
    public IReadOnlyList<string> TakePingSources()
    {
        List<string> sources = [];
        foreach (string set in (string[])["pinged4", "pinged6"])
        {
            string listing = _sandbox.Run("ip", "netns", "exec", Namespace, "nft", "list", "set", "inet", "outside", set);
            int start = listing.IndexOf("elements = {", StringComparison.Ordinal);
            if (start < 0)
                continue;
            string elements = listing[(start + "elements = {".Length)..listing.IndexOf('}', start)];
            sources.AddRange(elements.Split([',', ' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
            _ = _sandbox.Run("ip", "netns", "exec", Namespace, "nft", "flush", "set", "inet", "outside", set);
        }

        return sources;
    }
}
