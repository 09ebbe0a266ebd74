using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EndToEnd.Cluster;

/// <summary>An authority, and what it has signed, as PEM files in a directory.</summary>
public sealed class ClusterCertificates
{
    private readonly string _directory;
    private readonly X509Certificate2 _authority;

    /// <param name="directory">Where the files are written.</param>
    public ClusterCertificates(string directory)
    {
        _directory = Directory.CreateDirectory(directory).FullName;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(9));
        File.WriteAllText(Authority, _authority.ExportCertificatePem());
    }

    public string Authority => $"{_directory}/ca.pem";

    /// <summary>Signs a certificate.</summary>
    /// <param name="name">Its common name, and that of its files.</param>
    /// <param name="address">For which host; null for none.</param>
    /// <param name="validFor">From now on; negative if it has expired.</param>
    /// <returns>Certificate and key.</returns>
    public (string Certificate, string Key) Sign(string name, string? address = null, int validFor = 1)
    {
        (string certificate, string key) = ($"{_directory}/{name}.pem", $"{_directory}/{name}.key");
        using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", own, HashAlgorithmName.SHA256);
        if (address is not null)
        {
            SubjectAlternativeNameBuilder names = new();
            names.AddIpAddress(IPAddress.Parse(address));
            request.CertificateExtensions.Add(names.Build());
        }
        using X509Certificate2 signed = request.Create(
            _authority, DateTimeOffset.UtcNow.AddDays(-8), DateTimeOffset.UtcNow.AddDays(validFor), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(certificate, signed.ExportCertificatePem());
        File.WriteAllText(key, own.ExportPkcs8PrivateKeyPem());
        return (certificate, key);
    }
}
