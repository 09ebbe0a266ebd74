using CniAgent.Commands;

namespace CniAgent.Tests.Commands;

public sealed class EtcdRolesCommandTests
{
    [Fact]
    public void Node_reads_all_and_writes_its_own()
    {
        string[] lines = EtcdRolesCommand.Write("prod", ["host1", "host2"], ["host2"], hasPasswords: false).Split('\n');
        Assert.Contains("etcdctl role grant-permission cniplugin-prod read --prefix=true /cniplugin/prod/", lines);
        Assert.Contains("etcdctl role grant-permission cniplugin-prod-node-host1 readwrite --prefix=true /cniplugin/prod/n/host1/", lines);
        Assert.Contains("etcdctl user add host1 --no-password", lines);
        Assert.DoesNotContain("etcdctl user grant-role host1 cniplugin-prod-administrator", lines);
        Assert.Contains("etcdctl user grant-role host2 cniplugin-prod-administrator", lines);
        Assert.Equal(lines.Distinct(), lines);
    }
}
