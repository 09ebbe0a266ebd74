namespace Linux.Namespaces;

/// <summary>
/// A path that was to be a network namespace leads to something else, such as the empty file that a reboot leaves under /run/netns.
/// </summary>
public sealed class NotANamespaceException(string path) : Exception($"{path} is not a network namespace")
{
    public string Path { get; } = path;
}
