using System.Runtime.CompilerServices;

namespace Netlink.Tests;

/// <summary>Arrows inside the assembly go down only: Route and Nftables stand on the socket, all on Wire, and Wire on nothing.</summary>
public sealed class LayerTests
{
    [Theory]
    [InlineData("Wire", "Linux", "Netlink.Route", "Netlink.Nftables")]
    [InlineData("Route", "Netlink.Nftables")]
    [InlineData("Nftables", "Netlink.Route")]
    [InlineData(".", "Netlink.Route", "Netlink.Nftables")]
    public void A_folder_does_not_name_what_stands_beside_or_above_it(string folder, params string[] forbidden)
    {
        string path = Path.Combine(Source(), folder);
        Assert.All(
            Directory.Exists(path) ? Directory.GetFiles(path, "*.cs") : [],
            file => Assert.DoesNotContain(File.ReadLines(file), line => forbidden.Any(name => line == $"using {name};")));
    }

    private static string Source([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "../../src/Netlink");
}
