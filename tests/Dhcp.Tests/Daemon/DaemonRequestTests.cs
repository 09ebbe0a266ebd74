using System.Text;
using Cni;
using Dhcp.Daemon;
using Dhcp.Tests.Client;

namespace Dhcp.Tests.Daemon;

public sealed class DaemonRequestTests
{
    private static readonly byte[] s_line = new DaemonRequest(
        "ADD",
        ClientTest.Request with { Priority = 5, Options = new Dictionary<byte, byte[]> { [61] = [0, 2], [12] = [] } },
        [new Attachment("c1", "eth0")]).ToLine();

    [Theory]
    [InlineData("{\"command\": 33 x")]
    [InlineData("{\"command\": \"ADD\" x")]
    [InlineData("{\"command\": \"ADD\", \"lease\": {\"network\": \"\u0001\"}}")]
    [InlineData("{\"lease\": {}} x")]
    public void What_is_no_json_is_said_with_its_place(string line)
    {
        CniException error = Assert.Throws<CniException>(() => DaemonRequest.Read(Encoding.UTF8.GetBytes(line)));
        Assert.Equal(CniErrorCode.DecodingFailure, error.Code);
        Assert.Contains("is not valid JSON at line 1, column ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        _ = DaemonRequest.Read(s_line);
        for (int seed = 0; seed < 5000; seed++)
        {
            Random random = new(seed);
            List<byte> bytes = [.. s_line];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int at = random.Next(bytes.Count);
                if (random.Next(2) == 0)
                    bytes[at] = (byte)random.Next(256);
                else
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
            }
            try
            {
                _ = DaemonRequest.Read(bytes.ToArray());
            }
            catch (CniException e)
            {
                Assert.True(e.Code is CniErrorCode.DecodingFailure or CniErrorCode.InvalidNetworkConfig, $"seed {seed}: {e}");
            }
        }
    }
}
