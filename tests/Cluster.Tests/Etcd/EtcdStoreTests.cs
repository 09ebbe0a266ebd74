using Cluster.Etcd;
using Cluster.Store;
using Cluster.Tests.Store;

namespace Cluster.Tests.Etcd;

public class EtcdStoreTests : StoreContractTests
{
    private EtcdServers _servers = null!;

    protected virtual int Members => 1;

    private protected EtcdServers Servers => _servers;

    protected override async ValueTask<IClusterStore> OpenAsync()
    {
        _servers = await EtcdServers.StartAsync(Members);
        return new EtcdStore(new EtcdOptions { Endpoints = _servers.Endpoints });
    }

    protected override async Task ForgetAsync()
    {
        long revision = (await Store.ListAsync("", Cancel)).Revision;
        _ = await _servers.CtlAsync("compact", $"{revision}");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _servers.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
