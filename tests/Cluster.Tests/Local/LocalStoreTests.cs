using Cluster.Local;
using Cluster.Store;
using Cluster.Tests.Store;

namespace Cluster.Tests.Local;

public sealed class LocalStoreTests : StoreContractTests
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("local-store-");

    private string Path => $"{_directory}/state/store.db";

    protected override ValueTask<IClusterStore> OpenAsync() => new(LocalStore.Open(Path));

    protected override async Task ForgetAsync()
    {
        // As many changes as the store remembers, in few transactions.
        for (int i = 0; i < 11; i++)
        {
            StoreTransaction transaction = new();
            for (int key = 0; key < 1000; key++)
                _ = transaction.Put($"noise/{key}", "x");
            _ = await Store.CommitAsync(transaction, Cancel);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task What_was_committed_is_there_when_it_is_opened_again()
    {
        StoreLease lease = await Store.GrantAsync(TimeSpan.FromSeconds(60), Cancel);
        _ = await PutAsync("a", "1");
        _ = await Store.CommitAsync(new StoreTransaction().Put("a", "2").Put("b", "1", lease).Put("c", "1"), Cancel);
        long? last = await Store.CommitAsync(new StoreTransaction().Delete("c"), Cancel);
        await Store.DisposeAsync();

        await using LocalStore again = LocalStore.Open(Path);
        StoreListing listing = await again.ListAsync("", Cancel);
        Assert.Equal(["a=2", "b=1"], listing.Values.Select(Text));
        Assert.Equal(last, listing.Revision);
        await again.KeepAliveAsync(lease, Cancel);
        await again.RevokeAsync(lease, Cancel);
        Assert.Equal(["a=2"], (await again.ListAsync("", Cancel)).Values.Select(Text));
    }

    [Fact]
    public void Nobody_but_its_owner_reads_the_file() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));

    [Fact]
    public void A_second_process_is_refused()
    {
        StoreException refused = Assert.Throws<StoreException>(() => LocalStore.Open(Path));
        Assert.Equal(StoreErrorKind.Invalid, refused.Kind);
        Assert.Contains(Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused()
    {
        StoreException refused = await Assert.ThrowsAsync<StoreException>(() => PutAsync(new string('k', 1001), "x"));
        Assert.Equal(StoreErrorKind.Invalid, refused.Kind);
        Assert.NotNull(await PutAsync(new string('k', 1000), "x"));
    }
}
