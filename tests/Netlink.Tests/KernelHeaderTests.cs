using System.Globalization;
using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Netlink.Route;

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
        "linux/veth.h", "linux/fib_rules.h", "linux/neighbour.h",
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
        CCompiler.Check(program.ToString());
    }

    private static (string Type, int Size)[] Sizes =>
    [
        ("struct nlmsghdr", Wire.NetlinkWriter.MessageHeaderSize),
        ("struct nlattr", Wire.NetlinkWriter.AttributeHeaderSize),
        ("struct ifinfomsg", LinkMessage.HeaderSize),
        ("struct rtmsg", RouteMessage.HeaderSize),
        ("struct ifaddrmsg", AddressMessage.HeaderSize),
        ("struct ndmsg", NeighbourMessage.HeaderSize),
        ("struct fib_rule_hdr", RuleMessage.HeaderSize),
        ("struct rtnexthop", RouteParser.NextHopSize),
        ("struct bridge_vlan_info", BridgeVlanMessage.VlanInfoSize),
    ];

    /// <summary>Every constant of an enumeration or a class of constants, with the kernel's name from its documentation.</summary>
    private static IEnumerable<(string Member, string KernelName, object Value)> Numbers()
    {
        Assembly assembly = typeof(NetlinkSocket).Assembly;
        XDocument documentation = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"));
        Dictionary<string, string> summaries = documentation.Descendants("member")
            .ToDictionary(static m => m.Attribute("name")!.Value, static m => m.Element("summary")?.Value.Trim() ?? "");
        foreach (Type type in assembly.GetTypes().Where(static t =>
            t.Namespace is "Netlink" or "Netlink.Route" or "Netlink.Wire" && (t.IsEnum || t is { IsAbstract: true, IsSealed: true })))
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
