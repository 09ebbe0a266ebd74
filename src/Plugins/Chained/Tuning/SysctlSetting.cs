using System.Globalization;
using Cni;

namespace Plugins.Chained.Tuning;

/// <summary>A kernel setting that somebody asks for.</summary>
/// <param name="Key">As it is written, such as <c>net.ipv4.conf.IFNAME.arp_filter</c>.</param>
/// <param name="Path">Below /proc/sys, such as <c>net/ipv4/conf/eth0/arp_filter</c>.</param>
/// <param name="Value">What to write.</param>
internal readonly record struct SysctlSetting(string Key, string Path, string Value)
{
    private const string InterfacePlaceholder = "IFNAME";

    /// <summary>Finds the file of a key.</summary>
    /// <exception cref="CniException">It is no setting of a network namespace.</exception>
    public static SysctlSetting Parse(string key, string value, string ifName)
    {
        if (key.Contains('\0'))
        {
            throw CniException.InvalidConfig(
                $"sysctl: the key \"{key.Replace("\0", "\\u0000", StringComparison.Ordinal)}\" holds a NUL, and no setting's name does");
        }
        string path = key;
        // As sysctl(8): where '/' comes first, '.' is a part of names, as in eth0.100.
        if (key.AsSpan().IndexOfAny('.', '/') is >= 0 and var first && key[first] == '.')
            path = key.Replace('.', '/');
        // After the dots, which an interface name may hold.
        if (path.IndexOf(InterfacePlaceholder, StringComparison.Ordinal) is >= 0 and var at)
            path = string.Concat(path.AsSpan(0, at), ifName, path.AsSpan(at + InterfacePlaceholder.Length));
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || parts[0] != "net" || parts.Any(static part => part is "." or ".."))
        {
            throw CniException.InvalidConfig(
                $"sysctl: \"{key}\" is not below net; only settings of the pod's network namespace can be set, such as net.core.somaxconn");
        }
        return new SysctlSetting(key, string.Join('/', parts), value);
    }

    /// <summary>
    /// Whether two texts are one value: the kernel separates several by tabs, whatever was written, and drops leading zeros.
    /// </summary>
    public static bool IsSameValue(string one, string other)
    {
        string[] left = one.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string[] right = other.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return left.Length == right.Length && left.Zip(right).All(static pair => pair.First == pair.Second
            || (long.TryParse(pair.First, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long first)
                && long.TryParse(pair.Second, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long second)
                && first == second));
    }
}
