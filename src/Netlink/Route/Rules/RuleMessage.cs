using System.Net;
using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Rules;

/// <summary>Rule messages as bytes (RTM_NEWRULE and its kin).</summary>
internal static class RuleMessage
{
    /// <summary>Bytes of the fixed header.</summary>
    public const int HeaderSize = 12;

    // RTM_NEWRULE and RTM_DELRULE:
    //   struct fib_rule_hdr, linux/fib_rules.h
    //     u8  family
    //     u8  dst_len
    //     u8  src_len
    //     u8  tos       0
    //     u8  table     0 if the number needs FRA_TABLE
    //     u8  res1
    //     u8  res2
    //     u8  action
    //     u32 flags     0
    //   FRA_DST      4 or 16 bytes
    //   FRA_SRC      4 or 16 bytes
    //   FRA_IIFNAME  string
    //   FRA_OIFNAME  string
    //   FRA_PRIORITY u32
    //   FRA_FWMARK   u32
    //   FRA_FWMASK   u32
    //   FRA_TABLE    u32, if above 255
    //   FRA_PROTOCOL u8
    public static void Write(NetlinkWriter writer, RuleSpec rule, RuleAction action, uint table)
    {
        writer.WriteUInt8((byte)rule.Family);
        writer.WriteUInt8((byte)(rule.Destination?.Length ?? 0));
        writer.WriteUInt8((byte)(rule.Source?.Length ?? 0));
        writer.WriteUInt8(0);
        writer.WriteUInt8((byte)(table <= byte.MaxValue ? table : 0));
        writer.WriteUInt16(0);
        writer.WriteUInt8((byte)action);
        writer.WriteUInt32(0);
        if (rule.Destination is { } destination)
            writer.WriteAddressAttribute(RuleAttribute.Destination, destination.Address);
        if (rule.Source is { } source)
            writer.WriteAddressAttribute(RuleAttribute.Source, source.Address);
        if (rule.InputName is { } input)
            writer.WriteStringAttribute(RuleAttribute.InputName, input);
        if (rule.OutputName is { } output)
            writer.WriteStringAttribute(RuleAttribute.OutputName, output);
        if (rule.Priority is { } priority)
            writer.WriteUInt32Attribute(RuleAttribute.Priority, priority);
        if (rule.Mark is { } mark)
            writer.WriteUInt32Attribute(RuleAttribute.Mark, mark);
        if (rule.MarkMask is { } mask)
            writer.WriteUInt32Attribute(RuleAttribute.MarkMask, mask);
        if (table > byte.MaxValue)
            writer.WriteUInt32Attribute(RuleAttribute.Table, table);
        if (rule.Protocol is { } protocol)
            writer.WriteUInt8Attribute(RuleAttribute.Protocol, (byte)protocol);
    }

    // RTM_GETRULE with NLM_F_DUMP: a header of zeros but for the family.
    public static void WriteDump(NetlinkWriter writer, IpFamily? family)
    {
        writer.WriteUInt8((byte)(family ?? 0));
        writer.WriteBytes(stackalloc byte[HeaderSize - 1]);
    }

    /// <summary>Reads an RTM_NEWRULE.</summary>
    public static RuleSpec? Parse(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != RouteMessageType.NewRule)
            return null;
        ReadOnlySpan<byte> header = RouteAttributes.Header(payload, HeaderSize);
        // A dump of all families holds the rules of multicast routing, too.
        if (header[0] is not ((byte)IpFamily.IPv4 or (byte)IpFamily.IPv6))
            return null;
        IPAddress? source = null, destination = null;
        string? input = null, output = null;
        uint priority = 0, table = header[4];
        uint? mark = null, mask = null;
        RouteProtocol? protocol = null;
        AttributeReader attributes = new(payload[HeaderSize..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case RuleAttribute.Destination: destination = attributes.ReadAddress(); break;
                case RuleAttribute.Source: source = attributes.ReadAddress(); break;
                case RuleAttribute.InputName: input = attributes.ReadString(); break;
                case RuleAttribute.OutputName: output = attributes.ReadString(); break;
                case RuleAttribute.Priority: priority = attributes.ReadUInt32(); break;
                case RuleAttribute.Mark: mark = attributes.ReadUInt32(); break;
                case RuleAttribute.MarkMask: mask = attributes.ReadUInt32(); break;
                case RuleAttribute.Table: table = attributes.ReadUInt32(); break;
                case RuleAttribute.Protocol: protocol = (RouteProtocol)attributes.ReadUInt8(); break;
            }
        }
        return new RuleSpec
        {
            Family = (IpFamily)header[0],
            Priority = priority,
            Source = source is null ? null : new IpPrefix(source, header[2]),
            Destination = destination is null ? null : new IpPrefix(destination, header[1]),
            InputName = input,
            OutputName = output,
            Mark = mark,
            MarkMask = mask,
            Action = (RuleAction)header[7],
            Table = table,
            Protocol = protocol,
        };
    }
}
