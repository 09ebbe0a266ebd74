using Cni;
using Plugins;

namespace CniPlugin;

/// <summary>
/// The plugin of an executable whose own name is none: other products ship our plugins under names of theirs, as a link to a link of ours
/// (<c>cnv-bridge -> bridge -> cniplugin</c>).
/// </summary>
internal static class PluginOfLink
{
    // As the kernel follows (MAXSYMLINKS, linux/namei.h).
    private const int MaxLinks = 40;

    /// <summary>The first name on the way of the links that is a plugin's; null if there is none.</summary>
    /// <param name="path">How the executable was called.</param>
    public static ICniPlugin? Find(string path)
    {
        for (int i = 0; i < MaxLinks && path.Contains('/', StringComparison.Ordinal) && new FileInfo(path).LinkTarget is { } target; i++)
        {
            path = Path.Combine(Path.GetDirectoryName(path)!, target);
            if (PluginTable.Create(Path.GetFileName(path)) is { } plugin)
                return plugin;
        }
        return null;
    }
}
