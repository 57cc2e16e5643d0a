using System.Net;
using System.Text;

namespace ReliableQueue.Tests.Security;

/// <summary>A package source on loopback that serves nothing but one advisory, of the lowest severity.</summary>
internal sealed class AdvisoryServer : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task serving;
    private readonly string package;

    public AdvisoryServer(string package)
    {
        this.package = package;
        Address = $"http://127.0.0.1:{TestKit.RedisServer.FreePort()}/";
        listener.Prefixes.Add(Address);
        listener.Start();
        serving = ServeAsync();
    }

    public string Address { get; }

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var call = await listener.GetContextAsync();
                var text = TextOf(call.Request.Url?.AbsolutePath ?? "");
                call.Response.StatusCode = text is null ? 404 : 200;
                call.Response.ContentType = "application/json";
                await call.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text ?? ""));
                call.Response.Close();
            }
        }
        catch (Exception fault) when (fault is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private string? TextOf(string path) => path switch
    {
        "/index.json" => $$"""{"version":"3.0.0","resources":[{"@id":"{{Address}}known.json","@type":"VulnerabilityInfo/6.7.0"}]}""",
        "/known.json" => $$"""[{"@name":"base","@id":"{{Address}}base.json","@updated":"2026-01-01T00:00:00Z"}]""",
        "/base.json" => $$"""{"{{package}}":[{"url":"https://advisories.example/1","severity":0,"versions":"[0.0.0, 99.0.0)"}]}""",
        _ => null,
    };
}
