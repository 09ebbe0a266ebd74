using System.Text;
using Cni;
using Plugins.Interfaces.Bridge;
using TestKit;

namespace Plugins.Tests.Interfaces.Bridge;

public sealed class VlanRangeTests
{
    private static string FromTrunk(string json)
    {
        JsonCursor cursor = new(Encoding.UTF8.GetBytes(json), "test");
        return string.Join(' ', VlanRange.FromTrunk(VlanTrunkConfig.ReadList(ref cursor)).Select(range => $"{range.First}-{range.Last}"));
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("""[{"minID": 1, "maxID": 3}]""", "1-3")]
    [InlineData("""[{"id": 42}]""", "42-42")]
    [InlineData("""[{"id": 42, "minID": 1, "maxID": 3}]""", "1-3 42-42")]
    [InlineData("[{}]", "")]
    [InlineData("[null]", "")]
    [InlineData("""[{"id": 5}, {"id": 3}, {"id": 4}, {"id": 5}]""", "3-5")]
    [InlineData("""[{"minID": 20, "maxID": 30}, {"minID": 10, "maxID": 25}, {"id": 31}, {"id": 33}]""", "10-31 33-33")]
    [InlineData("""[{"minID": 1, "maxID": 4094}]""", "1-4094")]
    [InlineData("""[{"id": 4094}, {"id": 1}]""", "1-1 4094-4094")]
    [InlineData("""[{"minID": 7, "maxID": 7}]""", "7-7")]
    public void FromTrunk_gives_the_fewest_ranges(string trunk, string expected) => Assert.Equal(expected, FromTrunk(trunk));

    [Theory]
    [InlineData("""[{"minID": 10}]""", "vlanTrunk[0]: minID is 10 and maxID is missing")]
    [InlineData("""[{"maxID": 10}]""", "vlanTrunk[0]: maxID is 10 and minID is missing")]
    [InlineData("""[{"minID": 0, "maxID": 10}]""", "vlanTrunk[0].minID is 0; a VLAN ID is 1 to 4094")]
    [InlineData("""[{"minID": 4095, "maxID": 4094}]""", "vlanTrunk[0].minID is 4095")]
    [InlineData("""[{"minID": 10, "maxID": 4095}]""", "vlanTrunk[0].maxID is 4095")]
    [InlineData("""[{"minID": 10, "maxID": 0}]""", "vlanTrunk[0].maxID is 0")]
    [InlineData("""[{"id": 4095}]""", "vlanTrunk[0].id is 4095")]
    [InlineData("""[{"id": 0}]""", "vlanTrunk[0].id is 0")]
    [InlineData("""[{"id": 1}, {"minID": 10, "maxID": 9}]""", "vlanTrunk[1]: maxID 9 is below minID 10")]
    [InlineData("""[{"id": 1, "minID": 10}]""", "vlanTrunk[0]: minID is 10 and maxID is missing")]
    public void Refuses_entries_that_make_no_sense(string trunk, string words) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, [words], () => FromTrunk(trunk));
}
