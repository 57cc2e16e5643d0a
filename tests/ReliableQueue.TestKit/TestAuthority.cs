using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ReliableQueue.TestKit;

/// <summary>A certificate authority that exists for one test: its certificates and keys are files of a folder that goes with it. Nothing trusts it unless told to.</summary>
public sealed class TestAuthority : IDisposable
{
    /// <summary>The name its servers have. It is in no directory of names: clients are told it as <c>sslHost</c>.</summary>
    public const string ServerName = "redis.test";

    private readonly string folder = Directory.CreateTempSubdirectory("rq-tls-").FullName;
    private readonly X509Certificate2 root;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Authority of one test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        root = request.CreateSelfSigned(Now.AddDays(-60), Now.AddDays(60));
        RootPath = Write("root.crt", root.ExportCertificatePem());
    }

    /// <summary>The authority's own certificate, for whoever is to trust it.</summary>
    public string RootPath { get; }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>The root alone as a chain's trust.</summary>
    public bool Vouches(X509Certificate? certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return certificate is X509Certificate2 known && chain.Build(known);
    }

    /// <summary>Arguments that make a Redis speak TLS on a port, with a certificate that is good from now until a number of days from now.</summary>
    /// <param name="port">The port.</param>
    /// <param name="days">Below zero: it ran out that many days ago.</param>
    public string[] Serve(int port, int days = 30) => Serve(port, request => request.Create(root, Now.AddDays(-50), Now.AddDays(days), RandomNumberGenerator.GetBytes(8)));

    /// <summary>The same with a certificate that nobody but itself vouches for.</summary>
    public string[] ServeSelfSigned(int port) => Serve(port, request => request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30)));

    public void Dispose()
    {
        root.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string[] Serve(int port, Func<CertificateRequest, X509Certificate2> sign)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={ServerName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(ServerName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = sign(request);
        return
        [
            "--tls-port", port.ToString(null, null),
            "--tls-cert-file", Write($"{port}.crt", certificate.ExportCertificatePem()),
            "--tls-key-file", Write($"{port}.key", key.ExportPkcs8PrivateKeyPem()),
            "--tls-auth-clients", "no",
        ];
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
