using System.Security.Cryptography;
using System.Text;
using Linux.Files;
using Netlink.WireGuard;

namespace Agent.Overlay;

/// <summary>
/// This node's private key, in the form of <c>wg genkey</c>, in a file for root alone. It is made once and never written over: the other
/// nodes know the public key of it.
/// </summary>
public static class WireGuardKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int MaxLength = 64;

    /// <summary>Where the key is.</summary>
    /// <param name="stateDirectory">Of the agent.</param>
    public static string PathIn(string stateDirectory) => Path.Combine(stateDirectory, "wg.key");

    /// <summary>Reads the key, or makes it.</summary>
    /// <param name="stateDirectory">Of the agent.</param>
    /// <exception cref="OverlayException">What is in the file is no key; the message names the file and the remedy.</exception>
    /// <exception cref="Linux.LinuxException">It cannot be read or written.</exception>
    public static WireGuardKey ReadOrMake(string stateDirectory)
    {
        string path = PathIn(stateDirectory);
        if (TryRead(path) is { } known)
            return known;
        OwnerDirectory.Create(stateDirectory);
        string newPath = $"{path}.{Guid.NewGuid():n}";
        using (FileDescriptor file = FileDescriptor.Open(
            newPath, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow, OwnerOnly))
        {
            Span<byte> bytes = stackalloc byte[WireGuardKey.Size];
            RandomNumberGenerator.Fill(bytes);
            file.Write(Encoding.ASCII.GetBytes($"{X25519.Clamp(new WireGuardKey(bytes))}\n"));
        }
        try
        {
            File.Move(newPath, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another agent has made it in this moment.
            File.Delete(newPath);
        }
        return TryRead(path) ?? throw new OverlayException($"{path} was removed in the moment in which it was made; start the agent again");
    }

    private static WireGuardKey? TryRead(string path)
    {
        byte[]? bytes = PlainFile.TryRead(path, MaxLength, OpenFlags.NoFollow);
        if (bytes is null)
            return null;
        return WireGuardKey.TryParse(Encoding.ASCII.GetString(bytes).Trim(), out WireGuardKey key) && !key.IsNone
            ? X25519.Clamp(key)
            : throw new OverlayException(
                $"{path} has {bytes.Length} bytes that are no WireGuard key (44 characters of Base64): restore the file, or remove it and "
                + "start the agent again, which makes a new key and tells the other nodes of it");
    }
}
