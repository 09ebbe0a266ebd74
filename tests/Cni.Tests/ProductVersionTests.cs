using System.Reflection;
using System.Xml.Linq;

namespace Cni.Tests;

public sealed class ProductVersionTests
{
    [Fact]
    public void About_text_tells_the_version_that_the_build_sets()
    {
        string directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "CniPlugin.sln")))
            directory = Path.GetDirectoryName(directory.TrimEnd('/'))!;
        string built = XDocument.Load(Path.Combine(directory, "Directory.Build.props")).Descendants("Version").Single().Value;
        Assert.Equal(ProductVersion.Text, built);
        Assert.Equal(
            Version.Parse(built),
            typeof(CniProgram).Assembly.GetName().Version is { } version ? new Version(version.Major, version.Minor, version.Build) : null);
        // nerdctl asks for 1.7.1 or newer.
        Assert.True(Version.Parse(ProductVersion.Text) >= new Version(1, 7, 1));
        Assert.StartsWith(
            ProductVersion.Text,
            typeof(CniProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
            StringComparison.Ordinal);
    }
}
