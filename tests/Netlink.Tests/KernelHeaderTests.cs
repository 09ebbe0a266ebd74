using System.Globalization;
using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;
using Netlink.Route.Rules;
using Netlink.Route.TrafficControl;
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

    private static readonly string[] Headers =
    [
        "sys/socket.h", "linux/netlink.h", "linux/rtnetlink.h", "linux/if.h", "linux/if_link.h", "linux/if_addr.h", "linux/if_bridge.h",
        "linux/veth.h", "linux/fib_rules.h", "linux/neighbour.h", "linux/pkt_sched.h", "linux/pkt_cls.h", "linux/tc_act/tc_mirred.h", "stddef.h",
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
        Assert.True(count > 150, $"only {count} numbers found");
        foreach ((string type, int size) in Sizes)
            program.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert(sizeof({type}) == {size}, \"{type}\");");
        foreach ((string type, string field, int offset) in Offsets)
            program.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert(offsetof({type}, {field}) == {offset}, \"{type} {field}\");");
        foreach ((string expression, TcHandle handle) in Handles)
            program.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert(({expression}) == {handle.Value}, \"{handle}\");");
        CCompiler.Check(program.ToString());
    }

    private static (string Type, int Size)[] Sizes =>
    [
        ("struct nlmsghdr", Netlink.Wire.NetlinkWriter.MessageHeaderSize),
        ("struct nlattr", Netlink.Wire.NetlinkWriter.AttributeHeaderSize),
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

    /// <summary>Every constant of an enumeration or a class of constants, with the kernel's name from its documentation.</summary>
    private static IEnumerable<(string Member, string KernelName, object Value)> Numbers()
    {
        Assembly assembly = typeof(NetlinkSocket).Assembly;
        XDocument documentation = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"));
        Dictionary<string, string> summaries = documentation.Descendants("member")
            .ToDictionary(static m => m.Attribute("name")!.Value, static m => m.Element("summary")?.Value.Trim() ?? "");
        foreach (Type type in assembly.GetTypes().Where(static t =>
            (t.Namespace is "Netlink" or "Netlink.Wire" || t.Namespace!.StartsWith("Netlink.Route", StringComparison.Ordinal))
            && (t.IsEnum || t is { IsAbstract: true, IsSealed: true })))
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(static f => f.IsLiteral))
            {
                if (Nameless.Contains(field.Name) && Convert.ToInt64(field.GetRawConstantValue(), null) == 0)
                    continue;
                string member = $"{type.FullName}.{field.Name}";
                string summary = summaries.GetValueOrDefault("F:" + member, "");
                // Sizes of structures are compared above.
                if (summary.StartsWith("Bytes of", StringComparison.Ordinal))
                    continue;
                string kernelName = new([.. summary.TakeWhile(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_')]);
                Assert.True(
                    kernelName.Contains('_', StringComparison.Ordinal),
                    $"{member} does not say which number of the kernel's it is: {summary}");
                // "NLM_F_ROOT | NLM_F_MATCH, which is ..."
                if (summary[kernelName.Length..].StartsWith(" | ", StringComparison.Ordinal))
                    kernelName = $"({summary.Split(',')[0]})";
                yield return (member, kernelName, Convert.ToUInt64(field.GetRawConstantValue(), null));
            }
        }
    }
}
