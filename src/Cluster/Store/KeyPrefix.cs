namespace Cluster.Store;

/// <summary>The keys that begin with a text, as a half-open range of byte strings.</summary>
internal static class KeyPrefix
{
    /// <summary>
    /// The first byte string behind all that begin with a prefix; a single zero byte if none is, as etcd writes "up to the last key".
    /// </summary>
    public static byte[] EndOf(ReadOnlySpan<byte> prefix)
    {
        byte[] end = prefix.ToArray();
        for (int i = end.Length - 1; i >= 0; i--)
        {
            if (end[i] < 0xff)
            {
                end[i]++;
                return end[..(i + 1)];
            }
        }
        return [0];
    }
}
