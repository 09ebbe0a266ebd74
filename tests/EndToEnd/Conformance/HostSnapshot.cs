using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>
/// All that an ADD can change on a node: links with their settings, addresses, routes, rules, bridge VLANs, qdiscs and filters, the
/// nftables ruleset, files of state. What the kernel changes by itself (carrier, timers, offload limits of a bridge, link-local addresses,
/// the routes that it derives from addresses whenever a carrier comes or goes) is left out.
/// </summary>
public sealed class HostSnapshot
{
    private const string Listing = """
        ip -d -o link show | sed -E 's/<[^>]*>//; s/ state [A-Z]+//; s/ ([a-z_]+_timer|[gt]so_[a-z_]+) +[0-9.]+//g; s/^/link /'
        ip -o address show | grep -v ' fe80:' | sed -E 's/ tentative//; s/^/address /'
        for family in -4 -6; do
          ip -o $family route show table all \
            | grep -v -e ' proto kernel ' -e ' fe80:' -e '^fe80:' -e ' ff00::/8 ' -e '^multicast ff00' -e '^anycast ' \
            | sed -E "s/^/route $family /; s/ linkdown//" || true
          ip -o $family rule show | sed "s/^/rule $family /"
        done
        bridge vlan show | sed 's/^/vlan /'
        tc -d qdisc show | grep -v noqueue | sed -E 's/ refcnt [0-9]+//; s/^/tc /' || true
        for link in $(tc qdisc show | awk '/ ingress | clsact / { print $5 }'); do
          tc -d filter show dev "$link" ingress | sed "s/^/tc $link /"
        done
        nft --stateless list ruleset | sed 's/^/nft /'
        find /run/cni /var/lib/cni -type f -printf 'file %p\n' 2>/dev/null | grep -v /run/cni/bridges/ || true
        """;

    private readonly string[] _lines;

    private HostSnapshot(string[] lines) => _lines = lines;

    public static HostSnapshot Of(RuntimeSandbox sandbox) =>
        new(sandbox.Run("bash", "-euc", Listing).Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Asserts that nothing is here that was not in <paramref name="earlier"/>, and nothing is missing.</summary>
    public void AssertSameAs(HostSnapshot earlier)
    {
        string differences = string.Join('\n', DifferencesFrom(earlier));
        Assert.True(differences.Length == 0, differences);
    }

    /// <summary>What is here and was not in <paramref name="earlier"/>, and what is missing, one line each.</summary>
    public IReadOnlyList<string> DifferencesFrom(HostSnapshot earlier) =>
        [.. _lines.Except(earlier._lines).Select(line => $"+ {line}"), .. earlier._lines.Except(_lines).Select(line => $"- {line}")];
}
