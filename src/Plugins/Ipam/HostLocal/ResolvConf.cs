using System.Text;
using Cni;
using Linux;
using Linux.Files;

namespace Plugins.Ipam.HostLocal;

/// <summary>DNS settings out of a file in the form of resolv.conf(5).</summary>
internal static class ResolvConf
{
    private const int MaxLength = 1024 * 1024;

    /// <summary>Reads the file: every nameserver, search and options line, and the last domain.</summary>
    /// <exception cref="CniException">It cannot be read.</exception>
    public static CniDns Read(string path)
    {
        try
        {
            byte[] file = PlainFile.TryRead(path, MaxLength) ?? throw new LinuxException(Errno.ENOENT, $"open {path}");
            return Parse(Encoding.UTF8.GetString(file).TrimStart('\uFEFF'));
        }
        catch (LinuxException e)
        {
            throw CniException.InvalidConfig($"ipam.resolvConf is \"{path}\", which cannot be read: {e.Message}", inner: e);
        }
    }

    internal static CniDns Parse(string text)
    {
        List<string> nameservers = [];
        List<string> search = [];
        List<string> options = [];
        string? domain = null;
        foreach (string line in text.Split('\n'))
        {
            string[] fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            // A comment begins in the first column of its line.
            if (fields.Length < 2 || line[0] is '#' or ';')
                continue;
            switch (fields[0])
            {
                case "nameserver":
                    nameservers.Add(fields[1]);
                    break;
                case "domain":
                    domain = fields[1];
                    break;
                case "search":
                    search.AddRange(fields[1..]);
                    break;
                case "options":
                    options.AddRange(fields[1..]);
                    break;
            }
        }
        return new CniDns { Nameservers = nameservers, Domain = domain, Search = search, Options = options };
    }
}
