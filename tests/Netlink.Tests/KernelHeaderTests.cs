using System.Globalization;
using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Netlink.Netfilter;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;
using Netlink.Route.Rules;
using Netlink.Route.TrafficControl;
using Netlink.Wire;
using TestKit;

namespace Netlink.Tests;

/// <summary>
/// Every number of the kernel's that the library knows by another name says in its documentation which it is; the C compiler compares
/// them with the kernel's headers. Skipped without gcc, required where CI is set.
/// </summary>
public sealed class KernelHeaderTests
{
    // Members that gather or leave out what the kernel has a name for.
    private static readonly HashSet<string> Nameless = ["None"];

    // Enumerations of the library's own.
    private static readonly string[] Own = ["Netlink.Route.Events."];

    // What no header for programs has, and where it is instead.
    private static readonly HashSet<string> Private =
    [
        "CTA_FILTER_F_CTA_PROTO_NUM", "CTA_FILTER_F_CTA_PROTO_DST_PORT", // net/netfilter/nf_internals.h
        "BYTEORDER_HOST_ENDIAN", "BYTEORDER_BIG_ENDIAN", // datatype.h of nftables, in user data of sets
    ];

    private static readonly string[] Headers =
    [
        "sys/socket.h", "linux/netlink.h", "linux/rtnetlink.h", "linux/if.h", "linux/if_link.h", "linux/if_addr.h", "linux/if_bridge.h",
        "linux/if_ether.h", "linux/if_tun.h", "linux/genetlink.h", "linux/wireguard.h",
        "linux/veth.h", "linux/fib_rules.h", "linux/neighbour.h", "linux/pkt_sched.h",
        "linux/pkt_cls.h",
        "linux/tc_act/tc_mirred.h", "linux/netfilter.h", "linux/netfilter_ipv4.h", "linux/netfilter_bridge.h",
        "linux/netfilter/nfnetlink.h", "linux/netfilter/nfnetlink_conntrack.h", "linux/netfilter/nf_tables.h",
        "linux/netfilter/nf_tables_compat.h",
        "linux/netfilter/nf_nat.h", "linux/netfilter/nf_conntrack_common.h", "linux/netfilter/nf_conntrack_tuple_common.h", "stddef.h",
    ];

    [Fact]
    public void Numbers_are_those_of_the_headers()
    {
        StringBuilder program = new();
        foreach (string header in Headers)
            program.AppendLine(CultureInfo.InvariantCulture, $"#include <{header}>");
        int count = 0;
        foreach ((string member, string kernelName, object value) in Numbers())
        {
            program.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert({kernelName} == {value}, \"{member}\");");
            count++;
        }
        foreach ((string name, int value) in TracedNames())
        {
            // Names of one list may stand in several.
            program.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert({name} == {value}, \"traced\");");
            count++;
        }
        Assert.True(count > 500, $"only {count} numbers found");
        foreach ((string type, int size) in Sizes)
            program.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert(sizeof({type}) == {size}, \"{type}\");");
        foreach ((string type, string field, int offset) in Offsets)
            program.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert(offsetof({type}, {field}) == {offset}, \"{type} {field}\");");
        foreach ((string expression, TcHandle handle) in Handles)
            program.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert(({expression}) == {handle.Value}, \"{handle}\");");
        CCompiler.Check(program.ToString());
    }

    /// <summary>What <see cref="MessageText"/> calls messages and attributes.</summary>
    private static IEnumerable<(string Name, int Value)> TracedNames()
    {
        MessageSchema[] schemas = [.. Enum.GetValues<MessageProtocol>().Select(static protocol => new MessageSchema(protocol))];
        HashSet<AttributeNames> seen = [];
        Stack<AttributeNames> open = new(schemas.SelectMany(static schema => schema.Roots));
        while (open.TryPop(out AttributeNames? names))
        {
            if (!seen.Add(names))
                continue;
            foreach ((string name, int value) in names.All)
                yield return (name, value);
            foreach (AttributeNames inner in names.Inner)
                open.Push(inner);
        }
        foreach ((string name, int value) in schemas[0].Types)
            yield return (name, value);
        foreach ((string name, int value) in schemas[1].Types)
        {
            string subsystem = name.StartsWith("NFT_", StringComparison.Ordinal) ? "(NFNL_SUBSYS_NFTABLES << 8) + "
                : name.StartsWith("IPCTNL_", StringComparison.Ordinal) ? "(NFNL_SUBSYS_CTNETLINK << 8) + " : "";
            yield return ($"({subsystem}{name})", value);
        }
    }

    private static (string Type, int Size)[] Sizes =>
    [
        ("struct nlmsghdr", Netlink.Wire.NetlinkWriter.MessageHeaderSize),
        ("struct nlattr", Netlink.Wire.NetlinkWriter.AttributeHeaderSize),
        ("struct nfgenmsg", NetfilterMessage.HeaderSize),
        ("struct ifinfomsg", LinkMessage.HeaderSize),
        ("struct rtmsg", RouteMessage.HeaderSize),
        ("struct ifaddrmsg", AddressMessage.HeaderSize),
        ("struct ndmsg", NeighbourMessage.HeaderSize),
        ("struct fib_rule_hdr", RuleMessage.HeaderSize),
        ("struct rtnexthop", RouteParser.NextHopSize),
        ("struct bridge_vlan_info", BridgeVlanMessage.VlanInfoSize),
        ("struct tcmsg", TrafficControlMessage.HeaderSize),
        ("struct tc_ratespec", TbfSpec.RateSize),
        ("struct tc_tbf_qopt", TbfSpec.ParametersSize),
        ("struct tc_u32_sel", FilterMessage.SelectorSize),
        ("struct tc_u32_key", FilterMessage.KeySize),
        ("struct tc_mirred", FilterMessage.MirredSize),
    ];

    /// <summary>Where the parsers of traffic control read in structures, and its writers write.</summary>
    private static (string Type, string Field, int Offset)[] Offsets =>
    [
        ("struct tcmsg", "tcm_ifindex", 4),
        ("struct tcmsg", "tcm_handle", 8),
        ("struct tcmsg", "tcm_parent", 12),
        ("struct tcmsg", "tcm_info", 16),
        ("struct tc_tbf_qopt", "rate.rate", 8),
        ("struct tc_tbf_qopt", "peakrate", 12),
        ("struct tc_tbf_qopt", "limit", 24),
        ("struct tc_tbf_qopt", "buffer", 28),
        ("struct tc_u32_sel", "nkeys", 2),
        ("struct tc_mirred", "action", 8),
        ("struct tc_mirred", "eaction", 20),
        ("struct tc_mirred", "ifindex", 24),
    ];

    private static (string Expression, TcHandle Handle)[] Handles =>
    [
        ("TC_H_ROOT", TcHandle.Root),
        ("TC_H_INGRESS", TcHandle.Ingress),
        ("TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)", TcHandle.IngressFilters),
        ("TC_H_MAKE(TC_H_INGRESS, 0)", TcHandle.IngressQdisc),
        ("TC_H_MAKE(1 << 16, 5)", new TcHandle(1, 5)),
    ];

    /// <summary>
    /// Every constant: those in the kernel's spelling name themselves; members of enumerations and of classes of constants have the
    /// kernel's name in their documentation.
    /// </summary>
    private static IEnumerable<(string Member, string KernelName, object Value)> Numbers()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly;
        Assembly assembly = typeof(NetlinkSocket).Assembly;
        XDocument documentation = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"));
        Dictionary<string, string> summaries = documentation.Descendants("member")
            .ToDictionary(static m => m.Attribute("name")!.Value, static m => m.Element("summary")?.Value.Trim() ?? "");
        foreach (Type type in assembly.GetTypes().Where(static t => t.Namespace?.StartsWith("Netlink", StringComparison.Ordinal) == true))
        {
            foreach (
                FieldInfo field in type.GetFields(All).Where(static f => f.IsLiteral && f.GetRawConstantValue() is not (string or null)))
            {
                decimal value = Convert.ToDecimal(field.GetRawConstantValue(), null);
                string member = $"{type.FullName}.{field.Name}";
                string? kernelName = IsKernelSpelling(field.Name) ? field.Name
                    : field.IsPublic && (type.IsEnum || type is { IsAbstract: true, IsSealed: true })
                        ? KernelName(field.Name, member, summaries.GetValueOrDefault("F:" + member, ""), value)
                        : null;
                // ~(…), of which the kernel uses 16 bits.
                if (kernelName == "NLA_TYPE_MASK")
                    kernelName = "(unsigned short)NLA_TYPE_MASK";
                if (kernelName is not null && !Private.Contains(kernelName))
                    yield return (member, kernelName, value);
            }
        }
    }

    /// <summary>NFTA_TABLE_NAME, unlike MaxBytes.</summary>
    private static bool IsKernelSpelling(string name) => name.Contains('_', StringComparison.Ordinal)
        && name.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_');

    private static string? KernelName(string name, string member, string summary, decimal value)
    {
        if ((Nameless.Contains(name) && value == 0) || Own.Any(own => member.StartsWith(own, StringComparison.Ordinal)))
            return null;
        // Sizes of structures are compared above.
        if (summary.StartsWith("Bytes of", StringComparison.Ordinal))
            return null;
        string kernelName = new(
            [.. summary.TakeWhile(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c is '_' or '(' or ')')]);
        Assert.True(
            kernelName.Contains('_', StringComparison.Ordinal),
            $"{member} does not say which number of the kernel's it is: {summary}");
        // "NLM_F_ROOT | NLM_F_MATCH, which is ..."
        return summary[kernelName.Length..].StartsWith(" | ", StringComparison.Ordinal) ? $"({summary.Split(',')[0]})" : kernelName;
    }
}
