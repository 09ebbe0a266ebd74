using Linux.Files;

namespace Ipam.Tests.Store;

/// <summary>Looking at what is held changes nothing, whatever there is: who looks does not know who lives.</summary>
public sealed class LookTests : IDisposable
{
    private readonly TestNetwork _network = new();
    private readonly RangeSet[] _sets = TestNetwork.Sets("10.1.0.0/24");

    public void Dispose() => _network.Dispose();

    [Fact]
    public void What_is_held_is_told_and_no_file_is_touched()
    {
        for (int i = 0; i < 5; i++)
            _ = _network.Store.Allocate(new LeaseKey($"c{i}", "eth0"), "", _sets, []);
        Dictionary<string, (string Text, DateTimeOffset Time)> before = Files();
        Assert.Equal(["c0", "c1", "c2", "c3", "c4"], _network.Store.Look().Select(static lease => lease.Key.ContainerId).Order());
        Assert.Equal(before, Files());
    }

    [Fact]
    public void Network_that_never_gave_an_address_has_none_and_no_directory()
    {
        Assert.Empty(_network.Store.Look());
        Assert.False(Directory.Exists(_network.StoreDirectory));
    }

    [Theory]
    [InlineData("data")]
    [InlineData("journal")]
    [InlineData("no journal")]
    [InlineData("no data")]
    public void Damaged_store_is_said_to_be_and_left_to_those_who_can_ask_the_kernel(string what)
    {
        for (int i = 0; i < 5; i++)
            _ = _network.Store.Allocate(new LeaseKey($"c{i}", "eth0"), "", _sets, []);
        if (what == "no journal")
            File.Delete(_network.JournalFile);
        else if (what == "no data")
            File.Delete(_network.DataFile);
        else
            File.WriteAllBytes(what == "data" ? _network.DataFile : _network.JournalFile, new byte[9000]);
        Dictionary<string, (string Text, DateTimeOffset Time)> before = Files();
        int searches = _network.Evidence.Searches;
        Assert.Equal(IpamErrorKind.StoreBroken, Assert.Throws<IpamException>(() => _network.Store.Look()).Kind);
        Assert.Equal(before, Files());
        Assert.Equal(searches, _network.Evidence.Searches);
    }

    private Dictionary<string, (string Text, DateTimeOffset Time)> Files() => Directory.EnumerateFiles(_network.StoreDirectory)
        .Order(StringComparer.Ordinal)
        .ToDictionary(
            static path => path,
            static path => (Convert.ToHexString(File.ReadAllBytes(path)), FileStatus.TryGet(path)!.Value.ModifiedAt));
}
