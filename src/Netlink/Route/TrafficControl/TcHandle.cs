using System.Globalization;

namespace Netlink.Route.TrafficControl;

/// <summary>The number of a qdisc (<c>1:</c>) or of a class in one (<c>1:1</c>). Source: linux/pkt_sched.h, TC_H_MAKE.</summary>
/// <param name="Major">Which qdisc.</param>
/// <param name="Minor">Which of its classes; 0 for the qdisc itself.</param>
public readonly record struct TcHandle(ushort Major, ushort Minor)
{
    /// <summary>TC_H_ROOT: the parent of the qdisc that all packets leave an interface by.</summary>
    public static TcHandle Root => new(0xffff, 0xffff);

    /// <summary>TC_H_INGRESS: the parent of the qdisc that packets enter an interface by, <c>ingress</c> or <c>clsact</c>.</summary>
    public static TcHandle Ingress => new(0xffff, 0xfff1);

    /// <summary>TC_H_MIN_INGRESS of TC_H_CLSACT: the parent of the filters of either that packets meet when they enter.</summary>
    public static TcHandle IngressFilters => new(0xffff, 0xfff2);

    /// <summary>The handle that <c>ingress</c> and <c>clsact</c> have.</summary>
    public static TcHandle IngressQdisc => new(0xffff, 0);

    internal uint Value => ((uint)Major << 16) | Minor;

    internal static TcHandle FromValue(uint value) => new((ushort)(value >> 16), (ushort)value);

    /// <summary>As tc writes it: <c>ffff:fff1</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major:x}:{(Minor == 0 ? "" : $"{Minor:x}")}");
}
