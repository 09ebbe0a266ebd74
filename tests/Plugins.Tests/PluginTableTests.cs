namespace Plugins.Tests;

public sealed class PluginTableTests
{
    [Fact]
    public void Every_name_makes_the_plugin_of_that_type() =>
        Assert.All(PluginTable.Types, type => Assert.Equal(type, PluginTable.Create(type)?.Type));

    [Fact]
    public void Names_are_sorted_and_differ() =>
        Assert.Equal(PluginTable.Types.Distinct().Order(StringComparer.Ordinal), PluginTable.Types);

    [Theory]
    [InlineData("")]
    [InlineData("Bridge")]
    [InlineData("bridge ")]
    [InlineData("cniplugin")]
    [InlineData("flannel")]
    public void Other_names_make_none(string type) => Assert.Null(PluginTable.Create(type));
}
