using System.Text;

namespace Netlink.Nftables;

/// <summary>
/// Comments on objects, in the one form that every version of nft prints and reads back. The rule: a double quote and every control
/// character becomes '_', and what exceeds 127 bytes of UTF-8 is cut off, never inside a character. Whoever compares a comment with
/// what the kernel returns compares with the fitted text.
/// </summary>
public static class NftComment
{
    /// <summary>Bytes of UTF-8 that fit; nft adds a NUL and takes 128 (NFTNL_UDATA_COMMENT_MAXLEN).</summary>
    public const int MaxBytes = 127;

    /// <summary>The text as it will be stored.</summary>
    public static string Fit(string text)
    {
        StringBuilder fitted = new(Math.Min(text.Length, MaxBytes));
        int bytes = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            Rune kept = rune.Value == '"' || Rune.IsControl(rune) ? new Rune('_') : rune;
            bytes += kept.Utf8SequenceLength;
            if (bytes > MaxBytes)
                break;
            _ = fitted.Append(kept);
        }
        return fitted.ToString();
    }
}
