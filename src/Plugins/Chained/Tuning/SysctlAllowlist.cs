// The file's format is the reference's, and that is regular expressions. The ban is about their cost at start-up: this code is entered only
// on hosts that have the file. Expressions run without backtracking, as RE2 does for which the files were written.
#pragma warning disable RS0030

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Cni;
using Linux;
using Linux.Files;

namespace Plugins.Chained.Tuning;

/// <summary>
/// The administrator's list of settings that configurations may touch: one regular expression a line, which has to be found somewhere in
/// the key as it is written. A host without the file allows all, one with an empty file none.
/// </summary>
internal sealed class SysctlAllowlist
{
    /// <summary>Where the reference's plugin looks, too.</summary>
    public const string DefaultPath = "/etc/cni/tuning/allowlist.conf";

    private const int MaxLength = 1024 * 1024;

    private readonly string _path;
    private readonly List<Regex> _expressions = [];

    private SysctlAllowlist(string path) => _path = path;

    /// <summary>Reads the list; null if there is no such file.</summary>
    /// <exception cref="CniException">A line is no regular expression.</exception>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    public static SysctlAllowlist? TryRead(string path = DefaultPath)
    {
        if (PlainFile.TryRead(path, MaxLength) is not { } file)
            return null;
        SysctlAllowlist list = new(path);
        int number = 0;
        foreach (string line in Encoding.UTF8.GetString(file).Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
                list._expressions.Add(list.Parse(line.Trim(), number));
        }
        return list;
    }

    /// <summary>Refuses settings that are not on the list.</summary>
    /// <exception cref="CniException">The message names the first.</exception>
    public void Require(IEnumerable<SysctlSetting> settings)
    {
        foreach (SysctlSetting setting in settings)
        {
            if (!_expressions.Exists(expression => expression.IsMatch(setting.Key)))
            {
                throw CniException.InvalidConfig(
                    $"sysctl: \"{setting.Key}\" is not allowed on this host: no line of {_path} matches it; add one or remove the key");
            }
        }
    }

    private Regex Parse(string line, int number)
    {
        try
        {
            return new Regex(line, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw CniException.InvalidConfig(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_path}, line {number}: \"{line}\" is no regular expression that can be used here: {e.Message}"),
                inner: e);
        }
    }
}
