using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Tests.Etcd;

/// <summary>An authority, and certificates of a server at 127.0.0.1 and of a client, as PEM files that go with it.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("certificates-");

    public string Authority => $"{_directory}/ca.pem";

    public string Server => $"{_directory}/server.pem";

    public string ServerKey => $"{_directory}/server.key";

    public string Client => $"{_directory}/client.pem";

    public string ClientKey => $"{_directory}/client.key";

    public static TestCertificates Make()
    {
        TestCertificates made = new();
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1), to = from.AddDays(2);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        using X509Certificate2 authority = request.CreateSelfSigned(from, to);
        File.WriteAllText(made.Authority, authority.ExportCertificatePem());
        Sign("CN=server", made.Server, made.ServerKey);
        Sign("CN=node1", made.Client, made.ClientKey);
        return made;

        void Sign(string name, string certificateFile, string keyFile)
        {
            using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest wanted = new(name, own, HashAlgorithmName.SHA256);
            SubjectAlternativeNameBuilder names = new();
            names.AddIpAddress(IPAddress.Loopback);
            wanted.CertificateExtensions.Add(names.Build());
            using X509Certificate2 signed = wanted.Create(authority, from, to, RandomNumberGenerator.GetBytes(8));
            File.WriteAllText(certificateFile, signed.ExportCertificatePem());
            File.WriteAllText(keyFile, own.ExportPkcs8PrivateKeyPem());
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
