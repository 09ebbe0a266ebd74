using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

/// <summary>ADDs that the database does not see until later.</summary>
public class LeaseJournalTests
{
    private const string Set = "10.0.0.0/24";
    private const int ClosedOffset = 1;

    [Fact]
    public void Adds_leave_the_database_alone_while_the_plan_lasts()
    {
        using TestNetwork network = new();
        Assert.Equal("10.0.0.2/24", network.Add("id0", Set));
        byte[] data = File.ReadAllBytes(network.DataFile);
        for (int i = 1; i <= AddressPlan.MaxLength; i++)
            Assert.Equal($"10.0.0.{i + 2}/24", network.Add($"id{i}", Set));
        Assert.Equal(data, File.ReadAllBytes(network.DataFile));
        Assert.Equal("10.0.0.35/24", network.Add("next", Set));
        Assert.NotEqual(data, File.ReadAllBytes(network.DataFile));
        Assert.Equal(AddressPlan.MaxLength + 2, network.Store.List().Count);
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Lease_in_the_journal_is_found_and_released()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        _ = network.Add("b", Set);
        Assert.Equal("/run/netns/b", network.Store.Find(Key("b"))!.NetNS);
        Assert.Null(network.Store.Find(Key("c")));
        Assert.Equal("10.0.0.3", network.Del("b"));
        Assert.Null(network.Store.Find(Key("b")));
        Assert.Equal("10.0.0.4/24", network.Add("c", Set));
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Plan_goes_on_behind_a_release()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        _ = network.Add("b", Set);
        _ = network.Del("a");
        byte[] data = File.ReadAllBytes(network.DataFile);
        Assert.Equal("10.0.0.4/24", network.Add("c", Set));
        Assert.Equal(data, File.ReadAllBytes(network.DataFile));
    }

    [Fact]
    public void Key_is_refused_wherever_its_lease_is()
    {
        using TestNetwork network = new();
        _ = network.Add("database", Set);
        _ = network.Add("journal", Set);
        foreach (string id in (string[])["database", "journal"])
            Assert.Equal(IpamErrorKind.DuplicateAllocation, Assert.Throws<IpamException>(() => network.Add(id, Set)).Kind);
        Assert.Equal(2, network.Store.List().Count);
    }

    [Fact]
    public void Second_interface_of_a_container_gets_an_address_of_its_own()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        _ = network.Add("b", Set);
        foreach (string id in (string[])["a", "b"])
            _ = network.Store.Allocate(Key(id, "eth1"), "", Sets(Set), []);
        Assert.Equal(4, network.Store.List().SelectMany(lease => lease.Addresses).Select(leased => leased.Address).Distinct().Count());
    }

    [Fact]
    public void Plan_for_other_ranges_is_none()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        Assert.Equal("10.9.0.2/24", network.Add("b", "10.9.0.0/24"));
        Assert.Equal("10.0.0.3/24", network.Add("c", "10.0.0.0/24@10.0.0.9"));
        Assert.Equal("10.0.0.4/24 fd00::2/64", network.Add("d", $"{Set} fd00::/64"));
        Assert.Equal("10.0.0.5/24 fd00::3/64", network.Add("e", $"{Set} fd00::/64"));
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Requested_address_of_the_plan_is_not_given_again()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        Assert.Equal("10.0.0.3/24", network.Add("b", Set, "10.0.0.3"));
        Assert.Equal("10.0.0.4/24", network.Add("c", Set));
    }

    [Fact]
    public void Rest_of_a_range_and_the_round_behind_it_are_given()
    {
        using TestNetwork network = new();
        const string Small = "10.0.0.0/29";
        for (int i = 0; i < 5; i++)
            Assert.Equal($"10.0.0.{i + 2}/29", network.Add($"id{i}", Small));
        Assert.Equal(IpamErrorKind.RangeExhausted, Assert.Throws<IpamException>(() => network.Add("one-too-many", Small)).Kind);
        _ = network.Del("id1");
        Assert.Equal("10.0.0.3/29", network.Add("again", Small));
    }

    [Fact]
    public void Closed_journal_that_was_not_taken_over_still_counts()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        _ = network.Add("b", Set);
        Close(network);
        Assert.Equal("10.0.0.4/24", network.Add("c", Set));
        Assert.Equal(3, network.Store.List().Count);
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Closed_journal_that_was_taken_over_does_not_count_again()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        _ = network.Add("b", Set);
        byte[] journal = File.ReadAllBytes(network.JournalFile);
        // Takes the journal over and removes the lease that it holds; then the process is killed before it puts the next one there.
        _ = network.Del("b");
        File.WriteAllBytes(network.JournalFile, journal);
        Close(network);
        Assert.Null(network.Store.Find(Key("b")));
        Assert.Equal("10.0.0.4/24", network.Add("c", Set));
        Assert.Empty(Directory.GetFiles(network.StoreDirectory, "*damaged*"));
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Damaged_filter_is_no_reason_to_give_a_second_address()
    {
        using TestNetwork network = new();
        for (int i = 0; i < 3; i++)
            _ = network.Add($"id{i}", Set);
        _ = network.Store.List();
        foreach (byte[] damage in (byte[][])[[], new byte[512 * 512], [1, 2, 3]])
        {
            File.WriteAllBytes(network.FilterFile, damage);
            Assert.Equal(IpamErrorKind.DuplicateAllocation, Assert.Throws<IpamException>(() => network.Add("id1", Set)).Kind);
        }
        // The next change mends it.
        _ = network.Add("new", Set);
        byte[] data = File.ReadAllBytes(network.DataFile);
        _ = network.Add("newer", Set);
        Assert.Equal(data, File.ReadAllBytes(network.DataFile));
        Assert.Empty(Directory.GetFiles(network.StoreDirectory, "*damaged*"));
    }

    [Fact]
    public void Data_file_that_was_put_back_is_noticed()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        byte[] old = File.ReadAllBytes(network.DataFile);
        _ = network.Add("b", Set);
        _ = network.Del("a");
        network.Evidence.InKernel.Add(Found("b", "10.0.0.3"));
        File.WriteAllBytes(network.DataFile, old);
        Assert.NotEqual("10.0.0.3/24", network.Add("c", Set));
        Assert.NotEmpty(Directory.GetFiles(network.StoreDirectory, "*damaged*"));
        Assert.NotNull(network.Store.Find(Key("b")));
    }

    private static void Close(TestNetwork network)
    {
        using FileStream file = File.OpenWrite(network.JournalFile);
        file.Position = ClosedOffset;
        file.WriteByte(1);
    }
}
