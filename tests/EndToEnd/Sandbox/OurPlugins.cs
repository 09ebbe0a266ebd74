using System.Text.Json;
using Linux;
using Linux.Kernel;

namespace EndToEnd.Sandbox;

/// <summary>
/// The proof, per pod, that our binary did the work: names and tags that only it gives (docs/design.md, "Found again without state"). No
/// other plugin directory exists in a sandbox (sandbox.sh), so a plugin that left no mark of its own came from ours all the same.
/// </summary>
public static class OurPlugins
{
    /// <summary>The tag of an attachment: two parts of 16 hex digits, of the network's name and of the whole key.</summary>
    public static string Tag(string network, Pod pod) =>
        $"{Sha512.HexPrefix(16, network)}-{Sha512.HexPrefix(16, network, pod.ContainerId, pod.InterfaceName)}";

    /// <summary>The node's end of the pod's veth pair.</summary>
    public static string HostInterface(string network, Pod pod) =>
        $"veth{Sha512.HexPrefix(11, network, pod.ContainerId, pod.InterfaceName)}";

    /// <summary>The interface that shapes what the pod sends.</summary>
    public static string Ifb(string network, Pod pod) => $"ifb{Sha512.HexPrefix(11, network, pod.ContainerId, pod.InterfaceName)}";

    /// <summary>Asserts that bridge and host-local, ours, made this attachment.</summary>
    /// <param name="masqueraded">The network has ipMasq: the pod's elements stand in our table.</param>
    public static void AssertAttached(RuntimeSandbox sandbox, string network, Pod pod, bool masqueraded)
    {
        if (PluginDirectory.IsReference)
            return;

        using JsonDocument link = JsonDocument.Parse(
            sandbox.Run("ip", "-json", "-details", "link", "show", "dev", HostInterface(network, pod)));
        JsonElement host = link.RootElement[0];
        Assert.StartsWith(Tag(network, pod), host.GetProperty("ifalias").GetString(), StringComparison.Ordinal);
        Assert.Equal("veth", host.GetProperty("linkinfo").GetProperty("info_kind").GetString());

        string leases = sandbox.Run("find", $"/run/cni/networks/{network}", "-name", $"leases-{KernelBoot.ReadId()}.db");
        Assert.NotEmpty(leases);

        if (masqueraded)
            Assert.Contains(Tag(network, pod), sandbox.Run("nft", "list", "table", "inet", "cniplugin"), StringComparison.Ordinal);
    }
}
