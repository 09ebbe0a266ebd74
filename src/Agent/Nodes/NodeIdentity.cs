using System.Text;
using Linux.Files;

namespace Agent.Nodes;

/// <summary>
/// What tells this node from another that was given the same name: a random number that it makes once. A machine's own identifier would not
/// do, since machines are cloned, and several nodes may live on one.
/// </summary>
internal static class NodeIdentity
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int Length = 32;

    /// <summary>Reads it, or makes it.</summary>
    /// <param name="stateDirectory">Of the agent.</param>
    /// <exception cref="Linux.LinuxException">It cannot be read or written.</exception>
    public static string ReadOrMake(string stateDirectory)
    {
        string path = Path.Combine(stateDirectory, "identity");
        if (PlainFile.TryRead(path, Length) is { Length: Length } known)
            return Encoding.ASCII.GetString(known);
        OwnerDirectory.Create(stateDirectory);
        string made = Guid.NewGuid().ToString("n");
        using FileDescriptor file = FileDescriptor.Open(
            path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.NoFollow, OwnerOnly);
        file.Write(Encoding.ASCII.GetBytes(made));
        return made;
    }
}
