using System.Text;

namespace Linux.Addresses;

/// <summary>The kernel's rules for interface names (dev_valid_name, net/core/dev.c) with CNI's ban on all white space.</summary>
public static class InterfaceName
{
    /// <summary>Bytes of a name without its NUL (IFNAMSIZ - 1, linux/if.h).</summary>
    public const int MaxBytes = 15;

    /// <summary>What is wrong with a name, or null if it can be used.</summary>
    public static string? Problem(string name)
    {
        if (name.Length == 0)
            return "is empty";
        if (Encoding.UTF8.GetByteCount(name) > MaxBytes)
            return "is longer than 15 bytes";
        if (name is "." or "..")
            return "is reserved";
        foreach (char c in name)
        {
            if (c is '/' or ':' or '\0' || char.IsWhiteSpace(c))
                return "holds '/', ':', NUL or white space";
        }
        return null;
    }

    public static bool IsValid(string name) => Problem(name) is null;
}
