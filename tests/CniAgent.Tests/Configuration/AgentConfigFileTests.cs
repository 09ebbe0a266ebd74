using CniAgent.Configuration;

namespace CniAgent.Tests.Configuration;

public sealed class AgentConfigFileTests
{
    private static AgentConfig Parse(string text) => AgentConfigFile.Parse("agent.yaml", text);

    private static string Refusal(string text) => Assert.Throws<ConfigException>(() => Parse(text)).Message;

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("---\n")]
    public void Empty_file_means_defaults(string text) => Assert.Equal("local", Parse(text).Store);

    [Fact]
    public void Keys_are_scalars_or_lists()
    {
        AgentConfig config = Parse(
            "store: etcd\netcd:\n- https://192.0.2.10:2379\n- https://192.0.2.11:2379\nvni: 7\naddress: 192.0.2.1\n");
        Assert.Equal("etcd", config.Store);
        Assert.Equal(["https://192.0.2.10:2379", "https://192.0.2.11:2379"], config.Etcd);
        Assert.Equal(7, config.Vni);
        Assert.Equal(["192.0.2.1"], config.Address);
    }

    [Theory]
    [InlineData("store: etcd\nnodename: a\n", "agent.yaml:2:1: nodename is no key; did you mean nodeName?")]
    [InlineData("qwertyuiop: a\n", "agent.yaml:1:1: qwertyuiop is no key")]
    [InlineData("store: [etcd, local]\n", "agent.yaml:1:1: store has 2 values; give it one that is not empty")]
    [InlineData("vni: many\n", "agent.yaml:1:1: vni is \"many\"; write a number")]
    [InlineData("store: local\nstore: etcd\n", "agent.yaml:2:1: store stands here a second time; leave one out")]
    [InlineData("etcd: {a: b}\n", "agent.yaml:1:1: etcd has a value that is neither a scalar nor a list of them")]
    [InlineData("- a\n", "agent.yaml:1:1: this is no mapping; write lines of the form \"key: value\"")]
    public void What_is_wrong_is_said_with_its_place(string text, string message) => Assert.Equal(message, Refusal(text));

    [Theory]
    [InlineData("a: \"b")]
    [InlineData("a: b: c")]
    [InlineData("a:\n\tb: c")]
    [InlineData("a: *b")]
    [InlineData("a: [b")]
    public void Broken_YAML_is_refused_with_its_place(string text) => Assert.Matches(@"^agent\.yaml:\d+:\d+: ", Refusal(text));

    [Fact]
    public void Absent_file_is_an_error_only_if_it_was_named()
    {
        Assert.Equal("local", AgentConfigFile.Read("/nonexistent/agent.yaml", mayBeAbsent: true).Store);
        Assert.Contains("/nonexistent/agent.yaml", Assert.Throws<ConfigException>(
            () => AgentConfigFile.Read("/nonexistent/agent.yaml", mayBeAbsent: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_key_that_is_known_can_be_set() =>
        Assert.All(AgentConfig.Keys, static key => Assert.NotNull(new AgentConfig().With(key.Name, ["1"])));
}
