using Cni;

namespace Plugins.Configuration;

/// <summary>
/// The keys that say what rules are made with (<c>backend</c>, <c>ipMasqBackend</c>). The reference knows two; nftables serves both.
/// </summary>
internal static class RulesetBackend
{
    /// <summary>Refuses what is no backend.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value; "" for none.</param>
    /// <param name="besides">What else there is; null for nothing.</param>
    /// <exception cref="CniException">It is none.</exception>
    public static void Check(string key, string value, string? besides = null)
    {
        if (value is "" or "iptables" or "nftables" || value == besides)
            return;
        string more = besides is null ? "" : $"or \"{besides}\", ";
        throw CniException.InvalidConfig(
            $"{key} is \"{value}\"; use \"nftables\" or \"iptables\", both are served by nftables, {more}or remove the key");
    }
}
