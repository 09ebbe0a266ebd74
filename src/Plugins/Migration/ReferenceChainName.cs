using Linux;

namespace Plugins.Migration;

/// <summary>
/// The reference's names of the chains that it makes for a pod in iptables (FormatChainName, containernetworking/plugins, pkg/utils).
/// </summary>
internal static class ReferenceChainName
{
    // iptables takes no longer one.
    private const int Length = 28;

    /// <summary>A prefix, and as many digits of the hash of network and container ID as fit.</summary>
    public static string Of(string prefix, string network, string containerId) =>
        prefix + Sha512.HexPrefix(Length - prefix.Length, network + containerId);

    /// <summary>Whether a name is of that form.</summary>
    public static bool Has(string prefix, string name) => name.Length == Length && name.StartsWith(prefix, StringComparison.Ordinal);
}
