using Datapath.Attachments;
using TestKit;

namespace Datapath.Tests.Attachments;

public sealed class GcScopeTests
{
    private static bool IsGarbage(string? text, string list = """[{"containerID": "c1", "ifname": "eth0"}]""")
    {
        FakeHost host = TestCall.HostFor("GC", $"\"cni.dev/valid-attachments\": {list}");
        return TestCall.Run(host, call => new GcScope(call).IsGarbage(text));
    }

    [Fact]
    public void Attachment_that_the_runtime_named_is_spared() =>
        Assert.False(IsGarbage(new AttachmentTag("pods", "c1", "eth0").Alias([])));

    [Theory]
    [InlineData("c1", "eth1")]
    [InlineData("c2", "eth0")]
    public void Other_attachment_of_the_network_is_garbage(string containerId, string ifName)
    {
        AttachmentTag tag = new("pods", containerId, ifName);
        Assert.True(IsGarbage(tag.Alias([])));
        Assert.True(IsGarbage(tag.Comment()));
    }

    [Fact]
    public void Empty_list_makes_all_of_the_network_garbage() =>
        Assert.True(IsGarbage(new AttachmentTag("pods", "c1", "eth0").Alias([]), "[]"));

    [Fact]
    public void Other_network_is_spared() => Assert.False(IsGarbage(new AttachmentTag("pods2", "c2", "eth0").Alias([])));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("aa9217ce5dd9862e- of somebody else")]
    public void Foreign_text_is_spared(string? text) => Assert.False(IsGarbage(text));
}
