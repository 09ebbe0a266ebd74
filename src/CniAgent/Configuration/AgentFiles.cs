using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CniAgent.Configuration;

/// <summary>The files that agent.yaml names, looked at before anything is begun.</summary>
internal static class AgentFiles
{
    /// <summary>Reads a file.</summary>
    /// <param name="key">The key that names it.</param>
    /// <param name="file">Its path.</param>
    /// <exception cref="ConfigException">It cannot be read.</exception>
    public static string Read(string key, string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConfigException($"{key} is \"{file}\", which does not exist: name the file, or leave {key} out", key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException(
                $"{key} is \"{file}\", which cannot be read: {e.Message.TrimEnd('.')}; name a file that root can read", key);
        }
    }

    /// <summary>Looks whether a file has certificates of authorities.</summary>
    /// <exception cref="ConfigException">It has none.</exception>
    public static void CheckAuthorities(string? file)
    {
        if (file is null)
            return;
        string text = Read("ca", file);
        X509Certificate2Collection found = [];
        try
        {
            found.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw NoPem("ca", file, e.Message);
        }
        if (found.Count == 0)
            throw NoPem("ca", file, "it holds no certificate");
    }

    /// <summary>Looks whether a certificate and its key belong together, and the certificate is valid now.</summary>
    /// <exception cref="ConfigException">They do not, or it is not.</exception>
    public static void CheckCertificate(string? certificateFile, string? keyFile)
    {
        if (certificateFile is null || keyFile is null)
            return;
        string certificateText = Read("cert", certificateFile), keyText = Read("key", keyFile);
        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(certificateText);
            if (certificate.NotAfter < DateTime.Now)
            {
                throw new ConfigException(
                    $"cert is \"{certificateFile}\", which expired at {certificate.NotAfter:u}: issue a new one (docs/operations.md), and "
                    + "look whether this host's clock is right",
                    "cert");
            }
        }
        catch (CryptographicException e)
        {
            throw NoPem("cert", certificateFile, e.Message);
        }
        try
        {
            using X509Certificate2 both = X509Certificate2.CreateFromPem(certificateText, keyText);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw NoPem("key", keyFile, $"{e.Message.TrimEnd('.')}: it must be the key of {certificateFile}");
        }
    }

    private static ConfigException NoPem(string key, string file, string why) =>
        new($"{key} is \"{file}\", which cannot be used: {why.TrimEnd('.')}; give it a PEM file", key);
}
