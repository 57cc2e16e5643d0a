namespace WebApp;

/// <summary>The body of POST /signup.</summary>
internal sealed record Signup(string Email);
