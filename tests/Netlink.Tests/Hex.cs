using System.Text;

namespace Netlink.Tests;

/// <summary>Bytes as people write them: hexadecimal digits with any white space, and comments from '#' to the end of a line.</summary>
internal static class Hex
{
    public static byte[] Parse(string text)
    {
        StringBuilder digits = new();
        foreach (string line in text.Split('\n'))
            digits.Append(line.Split('#')[0].Where(char.IsAsciiHexDigit).ToArray());
        return Convert.FromHexString(digits.ToString());
    }
}
